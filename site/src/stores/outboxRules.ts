// What the outbox decides. Pure.
import type { QueuedTick } from '../lib/keep/database'

/** Milliseconds until the first further attempt, and the longest. */
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 60_000

/** How long to wait after so many misses in a row. */
export function afterMiss(misses: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, misses - 1))
}

/** Whether one tick is the other, and not a later one of the same entry. */
export function sameTick(a: QueuedTick, b: QueuedTick): boolean {
  return a.entry_id === b.entry_id && a.at === b.at && a.done === b.done
}

/** Whether somebody's it is, and neither another's nor a guest's. */
export function isOwnedBy(queued: { person_id?: string }, person_id: string | null): boolean {
  return queued.person_id !== undefined && queued.person_id === person_id
}

/** What may be sent, or thrown away, by whoever uses the device: their own things, and those of guests. */
function ownOf<T extends { person_id?: string }>(queued: readonly T[], person_id: string | null): T[] {
  return queued.filter((each) => each.person_id === undefined || each.person_id === person_id)
}

/** What of it waits to be sent. */
export function waitingOf<T extends { person_id?: string; refused?: string }>(queued: readonly T[], person_id: string | null): T[] {
  return ownOf(queued, person_id).filter((each) => each.refused === undefined)
}

/** What of it the server does not take. */
export function refusedOf<T extends { person_id?: string; refused?: string }>(queued: readonly T[], person_id: string | null): T[] {
  return ownOf(queued, person_id).filter((each) => each.refused !== undefined)
}
