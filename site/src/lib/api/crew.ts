// The crew of a sail, and the crew as a whole.
import { answer, client, type Schemas } from './transport'

export type CrewMember = Schemas['CrewEntry']
export type Roster = Schemas['Roster']
export type RosterEntry = Schemas['RosterEntry']
export type RoleChange = Schemas['RoleChange']

/** Who holds which slot of a sail. */
export function listRoles(event_id: string, signal?: AbortSignal): Promise<Roster> {
  const path = { event_id }
  return answer(signal, (within) => client.GET('/api/sails/{event_id}/roles', { params: { path }, signal: within }))
}

/** Takes an open slot, once for each `key`. */
export function claimRole(key: string, event_id: string, slot: string): Promise<RoleChange> {
  const params = { path: { event_id }, header: { 'Idempotency-Key': key } }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/roles/claim', { params, body: { slot }, signal }),
  )
}

/** Gives a slot to somebody, once for each `key`. */
export function designateRole(key: string, event_id: string, slot: string, person_id: string): Promise<RoleChange> {
  const params = { path: { event_id }, header: { 'Idempotency-Key': key } }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/roles/designate', { params, body: { slot, person_id }, signal }),
  )
}

/** Opens a slot again, once for each `key`. */
export function releaseRole(key: string, event_id: string, slot: string): Promise<RoleChange> {
  const params = { path: { event_id }, header: { 'Idempotency-Key': key } }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/roles/release', { params, body: { slot }, signal }),
  )
}

/** The most people of one answer. */
const MOST_A_PAGE = 100

/** Everybody of the crew who may sign in, in the order of their names. */
export async function listCrew(signal?: AbortSignal): Promise<CrewMember[]> {
  const crew: CrewMember[] = []
  let after: string | undefined
  do {
    const query = { limit: MOST_A_PAGE, ...(after === undefined ? {} : { after }) }
    const part = await answer(signal, (within) => client.GET('/api/crew', { params: { query }, signal: within }))
    crew.push(...part.crew)
    after = part.next ?? undefined
  } while (after !== undefined)
  return crew
}
