// A month as a page of a calendar. Pure: the present is an argument.
import type { Sail } from '../../lib/api/sails'
import { SAN_DIEGO, addDays, calendarDay, startOfDay, type CalendarDay, type EpochSeconds } from '../../lib/time/zone'

/** A month as `YYYY-MM`. */
export type Month = string

/** How many days a week has. */
const WEEK_DAYS = 7

export function monthOf(day: CalendarDay): Month {
  return day.slice(0, 7)
}

/** The month that a query names, or the present one. */
export function monthAsked(asked: unknown, now: EpochSeconds): Month {
  const isMonth = typeof asked === 'string' && /^(19|2[01])\d\d-(0[1-9]|1[0-2])$/.test(asked)
  return isMonth ? asked : monthOf(calendarDay(now, SAN_DIEGO))
}

/** So many months later; negative counts back. */
export function addMonths(month: Month, months: number): Month {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const at = year * 12 + number - 1 + months
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`
}

/** `November 2026`. */
export function monthName(month: Month): string {
  return new Intl.DateTimeFormat('en-US', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    Date.parse(`${month}-15T12:00:00Z`),
  )
}

/** The moments that San Diego's month begins and ends with. */
export function spanOf(month: Month): { from: EpochSeconds; until: EpochSeconds } {
  return {
    from: startOfDay(`${month}-01`, SAN_DIEGO),
    until: startOfDay(`${addMonths(month, 1)}-01`, SAN_DIEGO),
  }
}

export interface Square {
  day: CalendarDay
  /** The number on the page. */
  number: number
  sails: Sail[]
}

/** The weeks of a month from Sunday on. `null`: a day of another month. */
export function weeksOf(month: Month, sails: readonly Sail[]): (Square | null)[][] {
  const first = `${month}-01`
  const blanks = new Date(`${first}T00:00:00Z`).getUTCDay()
  const squares: (Square | null)[] = Array.from({ length: blanks }, () => null)
  for (let day = first; monthOf(day) === month; day = addDays(day, 1)) {
    const mine = sails.filter((sail) => calendarDay(sail.departs_at, SAN_DIEGO) === day)
    squares.push({ day, number: Number(day.slice(8)), sails: mine })
  }
  while (squares.length % WEEK_DAYS !== 0) squares.push(null)
  return Array.from({ length: squares.length / WEEK_DAYS }, (_, week) =>
    squares.slice(week * WEEK_DAYS, (week + 1) * WEEK_DAYS),
  )
}
