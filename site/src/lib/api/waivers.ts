// Waivers: what is signed before a sail, and who looks after it.
import { answer, client, type Schemas } from './transport'

export type WaiverForm = Schemas['Form']
export type WaiverPage = Schemas['WaiverPage']
export type WaiverReceipt = Schemas['WaiverReceipt']
export type WaiverStanding = Schemas['WaiverStanding']
export type WaiverEntry = Schemas['WaiverEntry']
export type WaiverView = Schemas['WaiverView']
export type Signature = Schemas['Signature']
export type Risk = Schemas['Risk']
export type Hold = Schemas['Hold']
export type HoldEntry = Schemas['HoldEntry']
export type HoldList = Schemas['HoldList']

/** Whose waiver page it is: a guest's, opened by a link, or that of one of the crew. */
export type WaiverPlace = { kind: 'guest'; link: string } | { kind: 'crew'; event_id: string }

/** What there is to sign. */
export function readWaiverPage(place: WaiverPlace, signal?: AbortSignal): Promise<WaiverPage> {
  return place.kind === 'guest'
    ? answer(signal, (within) =>
        client.GET('/api/waiver', { params: { header: { 'Waiver-Link': place.link } }, signal: within }),
      )
    : answer(signal, (within) =>
        client.GET('/api/sails/{event_id}/waiver', { params: { path: { event_id: place.event_id } }, signal: within }),
      )
}

/** Signs. The same form again gets the same answer. */
export function signWaiver(place: WaiverPlace, body: WaiverForm): Promise<WaiverReceipt> {
  return place.kind === 'guest'
    ? answer(undefined, (signal) =>
        client.POST('/api/waiver', { params: { header: { 'Waiver-Link': place.link } }, body, signal }),
      )
    : answer(undefined, (signal) =>
        client.POST('/api/sails/{event_id}/waiver', { params: { path: { event_id: place.event_id } }, body, signal }),
      )
}

/** What a guest's page is opened with; made where there is none. */
export async function makeWaiverLink(event_id: string): Promise<string> {
  const path = { event_id }
  return (
    await answer(undefined, (signal) =>
      client.POST('/api/sails/{event_id}/waiver-link', { params: { path }, signal }),
    )
  ).link
}

/** Another link instead: the one before it opens nothing any more. */
export async function renewWaiverLink(event_id: string): Promise<string> {
  const path = { event_id }
  return (
    await answer(undefined, (signal) =>
      client.POST('/api/sails/{event_id}/waiver-link/renewal', { params: { path }, signal }),
    )
  ).link
}

/** Who has signed, crew first. */
export async function listWaivers(event_id: string, signal?: AbortSignal): Promise<WaiverEntry[]> {
  const path = { event_id }
  return (
    await answer(signal, (within) => client.GET('/api/sails/{event_id}/waivers', { params: { path }, signal: within }))
  ).waivers
}

/** One waiver with its medical text. The trail says who looked. */
export function readWaiver(event_id: string, waiver_id: string, signal?: AbortSignal): Promise<WaiverView> {
  const path = { event_id, waiver_id }
  return answer(signal, (within) =>
    client.GET('/api/sails/{event_id}/waivers/{waiver_id}', { params: { path }, signal: within }),
  )
}

/** Clears a hold. The trail keeps the reason. */
export function clearHold(event_id: string, waiver_id: string, reason: string): Promise<WaiverEntry> {
  const path = { event_id, waiver_id }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/waivers/{waiver_id}/clear', { params: { path }, body: { reason }, signal }),
  )
}

/** Notes that somebody is aboard. */
export function board(event_id: string, waiver_id: string): Promise<WaiverEntry> {
  const path = { event_id, waiver_id }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/waivers/{waiver_id}/board', { params: { path }, signal }),
  )
}

/** The waivers on hold of all sails, the oldest first. */
export function listHolds(after: string | undefined, signal?: AbortSignal): Promise<HoldList> {
  const query = after === undefined ? {} : { after }
  return answer(signal, (within) => client.GET('/api/admin/holds', { params: { query }, signal: within }))
}
