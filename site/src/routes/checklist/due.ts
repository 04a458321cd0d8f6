// When an entry is due, as a person says it: so long before or after a sail's departure or return. Pure.
import type { Entry, Phase } from '../../lib/api/checklist'
import { duration } from '../../lib/time/format.ts'
import { DAY, HOUR, MINUTE } from '../../lib/time/zone.ts'
import type { FieldFaults } from '../../lib/words/failures.ts'

export type Unit = 'minutes' | 'hours' | 'days'
export type Side = 'before_departure' | 'after_departure' | 'before_return' | 'after_return'

/** The fields of an entry's dialog. */
export interface EntryFields {
  text: string
  role: Entry['role']
  phase: Phase
  amount: number
  unit: Unit
  side: Side
}

export const UNITS: Record<Unit, number> = { minutes: 1, hours: HOUR / MINUTE, days: DAY / MINUTE }

export const SIDE_NAMES: Record<Side, string> = {
  before_departure: 'before departure',
  after_departure: 'after departure',
  before_return: 'before the return',
  after_return: 'after the return',
}

/** When something of a phase is due, until somebody says otherwise. */
const USUAL: Record<Phase, Pick<EntryFields, 'amount' | 'unit' | 'side'>> = {
  before_departure: { amount: 30, unit: 'minutes', side: 'before_departure' },
  under_way: { amount: 30, unit: 'minutes', side: 'after_departure' },
  return: { amount: 15, unit: 'minutes', side: 'before_return' },
  close_out: { amount: 30, unit: 'minutes', side: 'after_return' },
}

/** The farthest from its anchor that something is due. Source: the crew API's checklist. */
const FARTHEST_MINUTES = 7 * UNITS.days
const LONGEST_TEXT = 160

/** An entry to begin with. */
export function newFields(phase: Phase, role: Entry['role']): EntryFields {
  return { text: '', role, phase, ...USUAL[phase] }
}

export function fieldsOf({ text, role, phase, anchor, due_minutes }: Entry): EntryFields {
  const minutes = Math.abs(due_minutes)
  const unit = minutes > 0 && minutes % UNITS.days === 0 ? 'days' : minutes > 0 && minutes % UNITS.hours === 0 ? 'hours' : 'minutes'
  return { text, role, phase, amount: minutes / UNITS[unit], unit, side: sideOf(anchor, due_minutes) }
}

/** The entry of that key. Only for fields without faults. */
export function entryOf(entry_id: string, { text, role, phase, amount, unit, side }: EntryFields): Entry {
  const [when, anchor] = side.split('_') as ['before' | 'after', Entry['anchor']]
  const minutes = amount * UNITS[unit]
  // There is no minus nothing.
  return { entry_id, role, phase, text: text.trim(), anchor, due_minutes: when === 'before' && minutes > 0 ? -minutes : minutes }
}

/** What has to be changed first, by field. */
export function entryFaults({ text, amount, unit }: EntryFields): FieldFaults {
  const faults: FieldFaults = {}
  const length = [...text.trim()].length
  if (length === 0 || length > LONGEST_TEXT || /[\n\r]/.test(text.trim())) faults['/text'] = 'Say in one line what is to be done.'
  if (!Number.isInteger(amount) || amount < 0) faults['/due_minutes'] = 'A whole number.'
  else if (amount * UNITS[unit] > FARTHEST_MINUTES) faults['/due_minutes'] = 'At most 7 days.'
  return faults
}

/** `45 min before departure`, `at the return`. */
export function dueRule({ anchor, due_minutes }: Pick<Entry, 'anchor' | 'due_minutes'>): string {
  if (due_minutes === 0) return anchor === 'departure' ? 'at departure' : 'at the return'
  return `${duration(Math.abs(due_minutes) * MINUTE)} ${SIDE_NAMES[sideOf(anchor, due_minutes)]}`
}

function sideOf(anchor: Entry['anchor'], due_minutes: number): Side {
  return due_minutes > 0 ? `after_${anchor}` : `before_${anchor}`
}
