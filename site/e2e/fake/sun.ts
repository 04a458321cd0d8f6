// The sky over San Diego, for the fake API.
import type { components } from '../../src/lib/api/schema'
import { DAY, HOUR, MINUTE, SAN_DIEGO, isoInZone } from '../../src/lib/time/zone.ts'

type SunDay = components['schemas']['SunDay']

/** Close enough to the sky over San Diego (within some minutes) to look at; the real API computes it properly. */
export function sunOf(date: string): SunDay {
  const noonUtc = Date.parse(`${date}T20:00:00Z`) / 1000
  const dayOfYear = (noonUtc - Date.UTC(Number(date.slice(0, 4)), 0, 0) / 1000) / DAY
  const declination = (-23.44 * Math.PI) / 180 * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365.25)
  const latitude = (32.7157 * Math.PI) / 180
  const phase = (2 * Math.PI * (dayOfYear - 81)) / 364
  const equationMinutes = 9.87 * Math.sin(2 * phase) - 7.53 * Math.cos(phase) - 1.5 * Math.sin(phase)
  const noon = Date.parse(`${date}T12:00:00Z`) / 1000 + (117.1611 / 15) * HOUR - equationMinutes * MINUTE
  const moment = (elevation: number, side: 1 | -1) => {
    const sine = Math.sin((elevation * Math.PI) / 180) - Math.sin(latitude) * Math.sin(declination)
    const hourAngle = Math.acos(sine / (Math.cos(latitude) * Math.cos(declination)))
    const epoch = Math.round(noon + (side * hourAngle * 12 * HOUR) / Math.PI)
    return { epoch, iso: isoInZone(epoch, SAN_DIEGO) }
  }
  return {
    date,
    time_zone: SAN_DIEGO,
    latitude: 32.7157,
    longitude: -117.1611,
    astronomical_dawn: moment(-18, -1),
    nautical_dawn: moment(-12, -1),
    civil_dawn: moment(-6, -1),
    sunrise: moment(-0.833, -1),
    solar_noon: { epoch: Math.round(noon), iso: isoInZone(Math.round(noon), SAN_DIEGO) },
    sunset: moment(-0.833, 1),
    civil_dusk: moment(-6, 1),
    nautical_dusk: moment(-12, 1),
    astronomical_dusk: moment(-18, 1),
  }
}
