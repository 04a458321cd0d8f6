// A plan as it is filled in, what is wrong with it, and how two people's changes become one. Pure.
import type { Role, SailDetail, SailPlan } from '../../lib/api/sails'
import { HOUR, SAN_DIEGO, localText, momentAt, type EpochSeconds } from '../../lib/time/zone'
import type { FieldFaults } from '../../lib/words/failures'
import { ROLES } from '../sails/sails'

/** The fields of the page. Times are San Diego's, as its clocks show them: `YYYY-MM-DDTHH:MM`. */
export interface PlanFields {
  title: string
  vessel: string
  departs: string
  returns: string
  guest_limit: number
  slots: Record<Role, number>
}

export const MOST_GUESTS = 500
export const MOST_OF_A_ROLE = 20
const MOST_SLOTS = 40
const LONGEST_SECONDS = 14 * 24 * HOUR
const LONGEST_TITLE = 120
const LONGEST_VESSEL = 60

/** A plan to begin with: one captain, one first officer, two deckhands. */
export function newPlan(vessel: string): PlanFields {
  const slots = { captain: 1, first_officer: 1, deckhand: 2, steward: 0, chef: 0 }
  return { title: '', vessel, departs: '', returns: '', guest_limit: 20, slots }
}

export function fieldsOf(sail: SailDetail): PlanFields {
  const { title, vessel, guest_limit } = sail
  return {
    title,
    vessel,
    departs: localText(sail.departs_at, SAN_DIEGO),
    returns: localText(sail.returns_at, SAN_DIEGO),
    guest_limit,
    slots: Object.fromEntries(ROLES.map((role) => [role, sail.slots[role] ?? 0])) as Record<Role, number>,
  }
}

/** What has to be changed before it can be sent, by JSON pointer. */
export function planFaults(fields: PlanFields, now: EpochSeconds): FieldFaults {
  const faults: FieldFaults = {}
  const need = (pointer: string, isSound: boolean, text: string) => {
    if (!isSound) faults[pointer] = text
  }
  const [departs, returns] = [momentAt(fields.departs, SAN_DIEGO), momentAt(fields.returns, SAN_DIEGO)]
  need('/title', isLine(fields.title, LONGEST_TITLE), 'Give the sail a title of one line.')
  need('/vessel', isLine(fields.vessel, LONGEST_VESSEL), 'Name the vessel.')
  need('/departs_at', departs !== null && departs > now, 'Choose a departure in the future.')
  need('/returns_at', returns !== null && returns > (departs ?? 0), 'The return comes after the departure.')
  if (departs !== null && returns !== null && returns - departs > LONGEST_SECONDS) {
    faults['/returns_at'] = 'A sail lasts 14 days at most.'
  }
  need('/slots/captain', fields.slots.captain >= 1, 'No sail goes without a captain.')
  const all = ROLES.reduce((sum, role) => sum + fields.slots[role], 0)
  need('/slots', all <= MOST_SLOTS, `At most ${MOST_SLOTS} places in all.`)
  return faults
}

/** The plan as the API takes it. Only for fields without faults. */
export function planOf(fields: PlanFields): SailPlan {
  return {
    title: fields.title.trim(),
    vessel: fields.vessel.trim(),
    departs_at: momentAt(fields.departs, SAN_DIEGO) ?? 0,
    returns_at: momentAt(fields.returns, SAN_DIEGO) ?? 0,
    guest_limit: fields.guest_limit,
    slots: Object.fromEntries(ROLES.filter((role) => fields.slots[role] > 0).map((role) => [role, fields.slots[role]])),
  }
}

/** Whether two plans say the same. */
export function samePlan(a: PlanFields, b: PlanFields): boolean {
  const [one, other] = [flat(a), flat(b)]
  return Object.keys(one).every((key) => one[key] === other[key])
}

/** A field that two people have changed, each in another way. */
export interface Clash {
  /** Which field: its key among those of a plan and its slots. */
  key: string
  name: string
  mine: string
  theirs: string
}

export interface Merged {
  fields: PlanFields
  /** What somebody else has changed and I have not: it is taken over. */
  takenOver: string[]
  /** What both have changed: mine stands until I choose theirs. */
  clashes: Clash[]
}

const FIELD_NAMES: Record<string, string> = {
  title: 'Title',
  vessel: 'Vessel',
  departs: 'Departure',
  returns: 'Return',
  guest_limit: 'Guests',
  captain: 'Captains',
  first_officer: 'First officers',
  deckhand: 'Deckhands',
  steward: 'Stewards',
  chef: 'Chefs',
}

/** What both began with, what I made of it, and what somebody else made of it, as one. Nobody's work is lost. */
export function merge(base: PlanFields, mine: PlanFields, theirs: PlanFields): Merged {
  const [from, own, other] = [flat(base), flat(mine), flat(theirs)]
  const merged: Flat = { ...own }
  const takenOver: string[] = []
  const clashes: Clash[] = []
  for (const key of Object.keys(own)) {
    const name = FIELD_NAMES[key] ?? key
    if (other[key] === from[key] || other[key] === own[key]) continue
    if (own[key] === from[key]) {
      merged[key] = other[key]!
      takenOver.push(name)
    } else {
      clashes.push({ key, name, mine: shown(own[key]!), theirs: shown(other[key]!) })
    }
  }
  return { fields: unflat(merged), takenOver, clashes }
}

/** My fields with theirs where both have changed the same: all else that I changed stays. */
export function withTheirs(mine: PlanFields, theirs: PlanFields, clashes: readonly Clash[]): PlanFields {
  const other = flat(theirs)
  return unflat({ ...flat(mine), ...Object.fromEntries(clashes.map(({ key }) => [key, other[key]!])) })
}

type Flat = Record<string, string | number>

function flat({ slots, ...rest }: PlanFields): Flat {
  return { ...rest, ...slots }
}

function unflat(flat: Flat): PlanFields {
  const slots = Object.fromEntries(ROLES.map((role) => [role, Number(flat[role])])) as Record<Role, number>
  const text = (key: string) => String(flat[key])
  return {
    title: text('title'),
    vessel: text('vessel'),
    departs: text('departs'),
    returns: text('returns'),
    guest_limit: Number(flat.guest_limit),
    slots,
  }
}

function shown(value: string | number): string {
  return String(value).replace('T', ', ')
}

function isLine(text: string, longest: number): boolean {
  const length = [...text.trim()].length
  return length >= 1 && length <= longest && !/[\n\r]/.test(text)
}
