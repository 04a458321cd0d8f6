// What the list says about sails. Pure: the present is an argument.
import type { Role, Sail, SailState } from '../../lib/api/sails'
import { clockTime, countdown, duration } from '../../lib/time/format'
import { counted } from '../../lib/words/count'
import { DAY, HOUR, MINUTE, SAN_DIEGO, calendarDay, type CalendarDay, type EpochSeconds } from '../../lib/time/zone'

/** How far back the list asks, in seconds, so that a sail that left earlier and is still out is on it. */
export const STILL_OUT_SECONDS = DAY

/** The roles in the order in which a crew is named. */
export const ROLES: readonly Role[] = ['captain', 'first_officer', 'deckhand', 'steward', 'chef']

export const ROLE_NAMES: Record<Role, string> = {
  captain: 'Captain',
  first_officer: 'First Officer',
  deckhand: 'Deckhand',
  steward: 'Steward',
  chef: 'Chef',
}

export interface DayOfSails {
  day: CalendarDay
  sails: Sail[]
}

/** Sails that are not over, soonest first, under the San Diego day on which they leave. */
export function groupByDay(sails: readonly Sail[], now: EpochSeconds): DayOfSails[] {
  const days: DayOfSails[] = []
  for (const sail of [...sails].filter((each) => !isOver(each, now)).sort(byDeparture)) {
    const day = calendarDay(sail.departs_at, SAN_DIEGO)
    const last = days.at(-1)
    if (last?.day === day) last.sails.push(sail)
    else days.push({ day, sails: [sail] })
  }
  return days
}

/** A late boat that nobody has closed out is still of interest; any other sail is over when it is back. */
function isOver(sail: Sail, now: EpochSeconds): boolean {
  if (sail.state === 'completed') return true
  return sail.returns_at <= now && sail.state !== 'in_progress'
}

function byDeparture(a: Sail, b: Sail): number {
  return a.departs_at - b.departs_at || a.title.localeCompare(b.title)
}

export interface RolePlaces {
  role: Role
  name: string
  places: number
  open: number
}

/** The places of each role that the sail has, in the order of a crew. */
export function placesByRole(slots: Sail['slots']): RolePlaces[] {
  return ROLES.map((role) => {
    const places = slots.filter((slot) => slot.role === role)
    return { role, name: ROLE_NAMES[role], places: places.length, open: places.filter((slot) => !slot.taken).length }
  }).filter((role) => role.places > 0)
}

/** How many places somebody could still take; none on a sail that is cancelled or has left. */
export function openPlaces(sail: Sail, now: EpochSeconds): number {
  return takesCrew(sail, now) ? sail.slots.filter((slot) => !slot.taken).length : 0
}

/** Whether a place can still be taken: only before departure. */
export function takesCrew(sail: Sail, now: EpochSeconds): boolean {
  return (sail.state === 'created' || sail.state === 'confirmed') && now < sail.departs_at
}

/** What is missing in a role that is not filled: an offer before departure, a fact after it. */
export function placesText({ places, open }: RolePlaces, takingCrew: boolean): string {
  if (takingCrew) return places === 1 ? 'open' : `${open} of ${places} open`
  return open === places ? 'not filled' : `${places - open} of ${places} filled`
}

const STATE_NAMES: Record<SailState, string> = {
  created: 'Not confirmed yet',
  confirmed: 'Confirmed',
  in_progress: 'Under way',
  completed: 'Completed',
  cancelled: 'Cancelled',
}

/** What colour repeats the state's name. */
const STATE_TONES = {
  created: 'calm',
  confirmed: 'good',
  in_progress: 'action',
  completed: 'calm',
  cancelled: 'alert',
} as const

export function stateTone(state: SailState): (typeof STATE_TONES)[SailState] {
  return STATE_TONES[state]
}

export function stateName(state: SailState): string {
  return STATE_NAMES[state]
}

type Times = Pick<Sail, 'departs_at' | 'returns_at'>

/** When the sail leaves, or when it is back once it has left. Nothing for a cancelled one. */
export function whenText(sail: Times & Pick<Sail, 'state'>, now: EpochSeconds): string {
  if (sail.state === 'cancelled') return ''
  if (now < sail.departs_at && sail.state !== 'in_progress') return countdown(sail.departs_at, now)
  if (now < sail.returns_at) return `back ${countdown(sail.returns_at, now)}`
  return `due back ${countdown(sail.returns_at, now)}`
}

export interface SunsetOfSail {
  underWay: boolean
  text: string
}

/** Seconds within which it matters how long before departure or after the return the sun sets. */
const NEAR_SUNSET_SECONDS = 2 * HOUR

/** Where the boat is when the sun sets: `under way`, `43 min after return`, `before departure`. */
export function sunsetOfSail({ departs_at, returns_at }: Times, sunset_at: EpochSeconds): SunsetOfSail {
  if (sunset_at < departs_at) return { underWay: false, text: `${near(departs_at - sunset_at)}before departure` }
  if (sunset_at >= returns_at) return { underWay: false, text: `${near(sunset_at - returns_at)}after return` }
  return { underWay: true, text: 'under way' }
}

function near(seconds: number): string {
  return seconds >= MINUTE && seconds <= NEAR_SUNSET_SECONDS ? `${duration(seconds)} ` : ''
}

/** One sentence for the head of the list and for screen readers. */
export function summary(days: readonly DayOfSails[], now: EpochSeconds): string {
  const sails = days.flatMap((day) => day.sails)
  const open = sails.reduce((sum, sail) => sum + openPlaces(sail, now), 0)
  return `${counted(sails.length, 'sail')}, ${open === 0 ? 'no open place' : counted(open, 'open place')}`
}

/** `as of 2:14 pm`, with the day when it was not today. */
export function asOf(at: EpochSeconds, now: EpochSeconds): string {
  const sameDay = calendarDay(at, SAN_DIEGO) === calendarDay(now, SAN_DIEGO)
  return sameDay ? clockTime(at, SAN_DIEGO) : `${clockTime(at, SAN_DIEGO)}, ${countdown(at, now)}`
}
