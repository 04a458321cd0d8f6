// What is to be done on a sail, and ticking it.
import { answer, client, type Schemas } from './transport'

export type Checklist = Schemas['ChecklistView']
export type ChecklistEntry = Schemas['EntryView']
export type EntryState = Schemas['EntryState']
export type Phase = Schemas['Phase']
export type Tick = Schemas['Tick']

export function readChecklist(event_id: string, signal?: AbortSignal): Promise<Checklist> {
  const path = { event_id }
  return answer(signal, (within) => client.GET('/api/sails/{event_id}/checklist', { params: { path }, signal: within }))
}

/** Sends ticks. What is sent twice changes nothing: an entry and its moment name a tick. */
export function sendTicks(event_id: string, ticks: Tick[]): Promise<Checklist> {
  const path = { event_id }
  return answer(undefined, (signal) =>
    client.POST('/api/sails/{event_id}/checklist/ticks', { params: { path }, body: { ticks }, signal }),
  )
}
