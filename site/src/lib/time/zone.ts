// Moments, days and zones. Every function takes its zone and its moment: nothing here reads a clock.

/** A moment in whole seconds since 1970-01-01T00:00:00Z, as the crew API sends it. */
export type EpochSeconds = number

/** A calendar day as `YYYY-MM-DD`, in whichever zone it was asked for. */
export type CalendarDay = string

/** The zone that every sail is planned in. */
export const SAN_DIEGO = 'America/Los_Angeles'

export const MINUTE = 60
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** The IANA name of the zone that this device is set to, for example `Europe/Berlin`. */
export function deviceZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The calendar day of a moment in a zone. */
export function calendarDay(at: EpochSeconds, zone: string): CalendarDay {
  const { year, month, day } = wallClock(at, zone)
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}`
}

/** How far a zone is ahead of UTC at a moment, in minutes: -480 in San Diego in winter. */
export function offsetMinutes(at: EpochSeconds, zone: string): number {
  const { year, month, day, hour, minute, second } = wallClock(at, zone)
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at) / MINUTE)
}

/** The first moment of a calendar day in a zone. */
export function startOfDay(day: CalendarDay, zone: string): EpochSeconds {
  const asUtc = Date.parse(`${day}T00:00:00Z`) / 1000
  const guess = asUtc - offsetMinutes(asUtc, zone) * MINUTE
  // The offset can differ between the two moments when the clocks change that day.
  return asUtc - offsetMinutes(guess, zone) * MINUTE
}

/** The moment at which a zone's clocks show `YYYY-MM-DDTHH:MM`. `null`: it is no such text. Of two the later offset's. */
export function momentAt(local: string, zone: string): EpochSeconds | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? Date.parse(`${local}:00Z`) / 1000 : Number.NaN
  if (Number.isNaN(asUtc)) return null
  const guess = asUtc - offsetMinutes(asUtc, zone) * MINUTE
  return asUtc - offsetMinutes(guess, zone) * MINUTE
}

/** A moment as a zone's clocks show it, as a field for date and time wants it: `YYYY-MM-DDTHH:MM`. */
export function localText(at: EpochSeconds, zone: string): string {
  const { hour, minute } = wallClock(at, zone)
  return `${calendarDay(at, zone)}T${pad(hour)}:${pad(minute)}`
}

/** The calendar day that many days later; negative counts back. */
export function addDays(day: CalendarDay, days: number): CalendarDay {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY * 1000).toISOString().slice(0, 10)
}

/** Whole calendar days from one day to another, whatever the clocks did in between. */
export function daysBetween(from: CalendarDay, to: CalendarDay): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / (DAY * 1000))
}

/** A moment as ISO 8601 with the zone's offset, for `<time datetime>`: `2026-03-08T17:30:00-07:00`. */
export function isoInZone(at: EpochSeconds, zone: string): string {
  const { hour, minute, second } = wallClock(at, zone)
  const offset = offsetMinutes(at, zone)
  const size = Math.abs(offset)
  const suffix = `${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
  return `${calendarDay(at, zone)}T${pad(hour)}:${pad(minute)}:${pad(second)}${suffix}`
}

interface WallClock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
}

/** What a clock and a calendar on the wall of that zone show. */
export function wallClock(at: EpochSeconds, zone: string): WallClock {
  const shown: WallClock = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
  for (const { type, value } of wallClockFormat(zone).formatToParts(at * 1000)) {
    if (type in shown) shown[type as keyof WallClock] = Number(value)
  }
  return shown
}

const wallClockFormats = new Map<string, Intl.DateTimeFormat>()

/** One formatter a zone: making one costs far more than using it. */
function wallClockFormat(zone: string): Intl.DateTimeFormat {
  let format = wallClockFormats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    wallClockFormats.set(zone, format)
  }
  return format
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0')
}
