// What the sun panel says. Pure: the present is an argument.
import type { SunDay } from '../../lib/api/sails'
import { duration } from '../../lib/time/format'
import { DAY, SAN_DIEGO, addDays, startOfDay, type CalendarDay, type EpochSeconds } from '../../lib/time/zone'

/** The four moments that cut a day into night, twilight and daylight, in epoch seconds. */
export interface Daylight {
  firstLight: EpochSeconds
  sunrise: EpochSeconds
  sunset: EpochSeconds
  lastLight: EpochSeconds
}

export function daylight(sun: SunDay): Daylight {
  return {
    firstLight: sun.civil_dawn.epoch,
    sunrise: sun.sunrise.epoch,
    sunset: sun.sunset.epoch,
    lastLight: sun.civil_dusk.epoch,
  }
}

/** The next thing that the light does: `Sunset in 1 h 20 min`. */
export function nextLight(light: Daylight, now: EpochSeconds): string {
  if (now < light.firstLight) return `First light in ${duration(light.firstLight - now)}`
  if (now < light.sunrise) return `Sunrise in ${duration(light.sunrise - now)}`
  if (now < light.sunset) return `Sunset in ${duration(light.sunset - now)}`
  if (now < light.lastLight) return `Last light in ${duration(light.lastLight - now)}`
  return 'The sun has set for today'
}

export interface Band {
  light: 'night' | 'twilight' | 'day'
  /** Where it begins and how long it is, in thousandths of the day. */
  start: number
  length: number
}

/** The day as bands from midnight to midnight; a day on which the clocks change has 23 or 25 hours. */
export function bandsOfDay(light: Daylight, day: CalendarDay): Band[] {
  const share = shareOfDay(day)
  const edges: [Band['light'], EpochSeconds][] = [
    ['twilight', light.firstLight],
    ['day', light.sunrise],
    ['twilight', light.sunset],
    ['night', light.lastLight],
  ]
  let band: Band = { light: 'night', start: 0, length: 1000 }
  const bands = [band]
  for (const [kind, at] of edges) {
    const start = share(at)
    band.length = start - band.start
    band = { light: kind, start, length: 1000 - start }
    bands.push(band)
  }
  return bands
}

/** How far into the day a moment is, in thousandths, kept within the day. */
export function shareOfDay(day: CalendarDay): (at: EpochSeconds) => number {
  const start = startOfDay(day, SAN_DIEGO)
  const length = startOfDay(addDays(day, 1), SAN_DIEGO) - start || DAY
  return (at) => Math.round(Math.min(1, Math.max(0, (at - start) / length)) * 1000)
}
