// Moments in words, in American English. Pure: the zone and the present are arguments.
import {
  DAY,
  HOUR,
  MINUTE,
  SAN_DIEGO,
  calendarDay,
  daysBetween,
  offsetMinutes,
  wallClock,
  type CalendarDay,
  type EpochSeconds,
} from './zone'

/** Keeps a number and its unit on one line. */
const NBSP = '\u00a0'

/** `5:30 pm`. */
export function clockTime(at: EpochSeconds, zone: string): string {
  const { hour, minute } = wallClock(at, zone)
  return `${hour % 12 || 12}:${String(minute).padStart(2, '0')}${NBSP}${hour < 12 ? 'am' : 'pm'}`
}

/** The same clock time with what it needs to be read right next to `from`: another weekday, another offset. */
export function clockTimeAfter(from: EpochSeconds, at: EpochSeconds, zone: string): string {
  const weekday = calendarDay(from, zone) === calendarDay(at, zone) ? '' : `${weekdayShort(at, zone)} `
  const offset = offsetMinutes(from, zone) === offsetMinutes(at, zone) ? '' : ` ${zoneAbbreviation(at, zone)}`
  return `${weekday}${clockTime(at, zone)}${offset}`
}

/** `Saturday, March 14`. */
export function dayHeading(day: CalendarDay): string {
  return inUtc(day, { weekday: 'long', month: 'long', day: 'numeric' })
}

/** `Yesterday`, `Today`, `Tomorrow`, or nothing for any other day. */
export function dayRelation(day: CalendarDay, today: CalendarDay): string {
  return ['Yesterday', 'Today', 'Tomorrow'][daysBetween(today, day) + 1] ?? ''
}

/**
 * How far off a moment is: `in 25 minutes`, `in 5 hours`, `tomorrow`, `in 2 days`, `10 minutes ago`.
 *
 * From a day on it counts San Diego's calendar days, as a person does: on Thursday evening a sail on
 * Saturday morning is in two days.
 */
export function countdown(at: EpochSeconds, now: EpochSeconds): string {
  const seconds = at - now
  const size = Math.abs(seconds)
  if (size < MINUTE) return 'now'
  if (size < HOUR) return relative(Math.trunc(seconds / MINUTE), 'minute')
  if (size < DAY) return relative(Math.trunc(seconds / HOUR), 'hour')
  return relative(daysBetween(calendarDay(now, SAN_DIEGO), calendarDay(at, SAN_DIEGO)), 'day')
}

/** A length of time: `45 min`, `2 h`, `1 h 20 min`. Whole minutes, rounded. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / MINUTE)
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours === 0) return `${rest}${NBSP}min`
  return rest === 0 ? `${hours}${NBSP}h` : `${hours}${NBSP}h ${rest}${NBSP}min`
}

/** `PST`, `PDT`, or `GMT+2` where American English has no letters for it. */
export function zoneAbbreviation(at: EpochSeconds, zone: string): string {
  return zoneName(at, zone, 'short')
}

/** Whether a device shows other clock times than San Diego at that moment. */
export function differsFromSanDiego(at: EpochSeconds, zone: string): boolean {
  return offsetMinutes(at, zone) !== offsetMinutes(at, SAN_DIEGO)
}

/** `Central European Summer Time, 9 h ahead`. */
export function zoneComparedToSanDiego(at: EpochSeconds, zone: string): string {
  const ahead = offsetMinutes(at, zone) - offsetMinutes(at, SAN_DIEGO)
  return `${zoneName(at, zone, 'long')}, ${duration(Math.abs(ahead) * MINUTE)} ${ahead > 0 ? 'ahead' : 'behind'}`
}

/** `Sat 2:30 am – 5:30 am GMT+2`: a sail in the device's own time, with the weekday where it is not San Diego's. */
export function rangeOnDevice(from: EpochSeconds, to: EpochSeconds, zone: string): string {
  const sameDay = calendarDay(from, zone) === calendarDay(from, SAN_DIEGO)
  const weekday = sameDay ? '' : `${weekdayShort(from, zone)} `
  const sameOffset = offsetMinutes(from, zone) === offsetMinutes(to, zone)
  const last = sameOffset ? ` ${zoneAbbreviation(to, zone)}` : ''
  return `${weekday}${clockTime(from, zone)} – ${clockTimeAfter(from, to, zone)}${last}`
}

/** `due 4:30 pm`, with the weekday where it is not the day of departure. */
export function dueText(due: EpochSeconds, departs: EpochSeconds): string {
  return `due ${clockTimeAfter(departs, due, SAN_DIEGO)}`
}

/** `Nov 21, 4:30 pm`: a moment of the past in a list. */
export function momentText(at: EpochSeconds): string {
  const day = inUtc(calendarDay(at, SAN_DIEGO), { month: 'short', day: 'numeric' })
  return `${day}, ${clockTime(at, SAN_DIEGO)}`
}

function weekdayShort(at: EpochSeconds, zone: string): string {
  return inUtc(calendarDay(at, zone), { weekday: 'short' })
}

function inUtc(day: CalendarDay, options: Intl.DateTimeFormatOptions): string {
  return formatFor({ ...options, timeZone: 'UTC' }).format(Date.parse(`${day}T12:00:00Z`))
}

function zoneName(at: EpochSeconds, zone: string, style: 'short' | 'long'): string {
  return formatFor({ timeZone: zone, timeZoneName: style })
    .formatToParts(at * 1000)
    .find((part) => part.type === 'timeZoneName')?.value ?? zone
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** One formatter for each set of options: making one costs far more than using it. */
function formatFor(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  const known = formats.get(key) ?? new Intl.DateTimeFormat('en-US', options)
  formats.set(key, known)
  return known
}

const relativeFormat = new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' })

function relative(amount: number, unit: 'minute' | 'hour' | 'day'): string {
  return relativeFormat.format(amount, unit).replace(/(\d) /, `$1${NBSP}`)
}
