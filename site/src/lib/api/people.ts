// People as administrators see them, and mails that may not have gone out.
import { answer, client, revised, type Revised, type Schemas } from './transport'

export type Person = Schemas['PersonEntry']
export type PersonList = Schemas['PersonList']
export type PersonChange = Schemas['PersonChange']
export type Invitation = Schemas['Invitation']
export type PersonHistory = Schemas['HistoryEntry']
export type UnknownSends = Schemas['UnknownSends']

/** Some people in the order of their names, those who were shut out among them. */
export function listPeople(after: string | undefined, signal?: AbortSignal): Promise<PersonList> {
  const query = after === undefined ? {} : { after }
  return answer(signal, (within) => client.GET('/api/people', { params: { query }, signal: within }))
}

export function readPerson(person_id: string, signal?: AbortSignal): Promise<Revised<Person>> {
  const path = { person_id }
  return revised(signal, (within) => client.GET('/api/people/{person_id}', { params: { path }, signal: within }))
}

/** What was done to a person, the latest first. */
export async function readPersonHistory(person_id: string, signal?: AbortSignal): Promise<PersonHistory[]> {
  const path = { person_id }
  return (
    await answer(signal, (within) =>
      client.GET('/api/people/{person_id}/history', { params: { path }, signal: within }),
    )
  ).entries
}

/** Invites somebody: the person is known from now on and gets a mail. */
export function invitePerson(body: Invitation): Promise<Person> {
  return answer(undefined, (signal) => client.POST('/api/people', { body, signal }))
}

/** Changes a name or grants. 412: somebody else changed the person since `revision`. */
export function changePerson(person_id: string, revision: string, body: PersonChange): Promise<Person> {
  const params = { path: { person_id }, header: { 'If-Match': revision } }
  return answer(undefined, (signal) => client.PATCH('/api/people/{person_id}', { params, body, signal }))
}

/** Sends the invitation once more. */
export function inviteAgain(person_id: string): Promise<Person> {
  const path = { person_id }
  return answer(undefined, (signal) => client.POST('/api/people/{person_id}/invitation', { params: { path }, signal }))
}

/** Shuts a person out. */
export function revokePerson(person_id: string): Promise<Person> {
  const path = { person_id }
  return answer(undefined, (signal) => client.POST('/api/people/{person_id}/revocation', { params: { path }, signal }))
}

/** Lets a person in again. */
export function restorePerson(person_id: string): Promise<Person> {
  const path = { person_id }
  return answer(undefined, (signal) => client.POST('/api/people/{person_id}/restoration', { params: { path }, signal }))
}

/** Some of the mails that may not have gone out, the oldest first. */
export function listUnknownSends(after: string | undefined, signal?: AbortSignal): Promise<UnknownSends> {
  const query = after === undefined ? {} : { after }
  return answer(signal, (within) => client.GET('/api/admin/unknown-sends', { params: { query }, signal: within }))
}
