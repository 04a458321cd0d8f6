// The checklist as it stands on this device: what the server told, what waits to be sent, and the clock. Pure.
import type { Checklist, ChecklistEntry, EntryState, Phase } from '../../lib/api/checklist'
import type { Role, SailDetail } from '../../lib/api/sails'
import type { QueuedTick } from '../../lib/keep/database'
import { HOUR, MINUTE, type EpochSeconds } from '../../lib/time/zone.ts'

/** The phases in the order of a sail. */
export const PHASES: readonly Phase[] = ['before_departure', 'under_way', 'return', 'close_out']

export const PHASE_NAMES: Record<Phase, string> = {
  before_departure: 'Before departure',
  under_way: 'Under way',
  return: 'On the way back',
  close_out: 'Ashore again',
}

/** How long before departure preparation begins, and before the return the return. Source: the crew API's checklist. */
const PREPARATION_SECONDS = 24 * HOUR
const HOMEWARD_SECONDS = 30 * MINUTE

/** An entry with what this device knows beyond the server. */
export interface Item extends ChecklistEntry {
  /** Its tick, or the taking back of it, waits on this device. */
  waits: boolean
}

/** The phase of a sail by this device's clock; `null` before its preparation begins, and where it does not take place. */
export function phaseOf(sail: SailDetail, now: EpochSeconds): Phase | null {
  switch (sail.state) {
    case 'cancelled':
      return null
    case 'completed':
      return 'close_out'
    case 'in_progress':
      if (now >= sail.returns_at) return 'close_out'
      return sail.returns_at - now <= HOMEWARD_SECONDS ? 'return' : 'under_way'
    case 'created':
    case 'confirmed':
      return sail.departs_at - now > PREPARATION_SECONDS ? null : 'before_departure'
  }
}

/** Where an entry stands by this device's clock. */
export function stateOf(entry: ChecklistEntry, isDone: boolean, phase: Phase | null, now: EpochSeconds): EntryState {
  if (isDone) return 'done'
  if (entry.due_at <= now) return 'overdue'
  return phase !== null && PHASES.indexOf(phase) >= PHASES.indexOf(entry.phase) ? 'open' : 'waiting'
}

/**
 * The list with what waits laid over it, by the server's own rule: the latest mark counts, and at one moment a tick
 * counts more than its removal. So nobody's tick is lost, whoever was without a signal.
 */
export function overlay(list: Checklist, queued: readonly QueuedTick[], sail: SailDetail, now: EpochSeconds): Item[] {
  const phase = phaseOf(sail, now)
  const mine = new Map(queued.map((tick) => [tick.entry_id, tick]))
  return list.entries.map((entry) => {
    const tick = mine.get(entry.entry_id)
    const { done_by: _by, done_at: _at, ...bare } = entry
    const merged: ChecklistEntry = tick && counts(tick, entry) ? (tick.done ? { ...bare, done_by: tick.person_id, done_at: tick.at } : bare) : entry
    const isDone = merged.done_at != null
    return { ...merged, state: stateOf(entry, isDone, phase, now), waits: tick !== undefined }
  })
}

/** Whether a mark of this device counts more than what the server told. */
function counts(tick: QueuedTick, entry: ChecklistEntry): boolean {
  if (entry.done_at == null) return true
  return tick.done ? tick.at >= entry.done_at : tick.at > entry.done_at
}

export interface Section {
  phase: Phase
  name: string
  items: Item[]
  done: number
  /** Whether it is its turn, or something of it is late. */
  isDue: boolean
}

/** The list by phase; with a role only what that role does. Phases without entries are left out. */
export function sections(items: readonly Item[], role: Role | null, phase: Phase | null): Section[] {
  return PHASES.map((each) => {
    const ofPhase = items.filter((item) => item.phase === each && (role === null || item.role === role))
    const done = ofPhase.filter((item) => item.state === 'done').length
    const isDue = each === (phase ?? 'before_departure') || ofPhase.some((item) => item.state === 'overdue')
    return { phase: each, name: PHASE_NAMES[each], items: ofPhase, done, isDue }
  }).filter((section) => section.items.length > 0)
}
