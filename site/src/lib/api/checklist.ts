// What is to be done on a sail, ticking it, and what the list holds.
import { answer, client, revised, type Revised, type Schemas } from './transport'

export type Checklist = Schemas['ChecklistView']
export type ChecklistEntry = Schemas['EntryView']
/** An entry without where it stands: what is edited. */
export type Entry = Schemas['Entry']
export type EntryState = Schemas['EntryState']
export type Phase = Schemas['Phase']
export type Tick = Schemas['Tick']

export function readChecklist(event_id: string, signal?: AbortSignal): Promise<Revised<Checklist>> {
  const path = { event_id }
  return revised(signal, (within) => client.GET('/api/sails/{event_id}/checklist', { params: { path }, signal: within }))
}

/** Sends ticks. What is sent twice changes nothing: an entry and its moment name a tick. */
export function sendTicks(event_id: string, ticks: Tick[]): Promise<Checklist> {
  const path = { event_id }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/checklist/ticks', { params: { path }, body: { ticks }, signal }),
  )
}

/** Writes the whole list. What keeps its key keeps its ticks. 412: somebody else changed the list since `revision`. */
export function editChecklist(event_id: string, revision: string, entries: Entry[]): Promise<Revised<Checklist>> {
  const params = { path: { event_id }, header: { 'If-Match': revision } }
  return revised(undefined, (signal) => client.PUT('/api/sails/{event_id}/checklist', { params, body: { entries }, signal }))
}
