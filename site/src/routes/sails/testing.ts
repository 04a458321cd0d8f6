// Sails for tests.
import type { Role, Sail, Slot, SunDay } from '../../lib/api/sails'
import { SAN_DIEGO, isoInZone, type CalendarDay } from '../../lib/time/zone'

const tomorrow = Math.floor(Date.now() / 1000) + 24 * 3600

/** A confirmed sail of three hours tomorrow, changed as wanted. */
export function aSail(changes: Partial<Sail> = {}): Sail {
  const departs_at = changes.departs_at ?? tomorrow
  return {
    event_id: 'sail-1',
    title: 'Sunset sail',
    vessel: 'JADA',
    departs_at,
    returns_at: departs_at + 3 * 3600,
    state: 'confirmed',
    guest_limit: 20,
    sunset_at: departs_at + 3600,
    slots: slots('C', 'D'),
    ...changes,
  }
}

const ROLES: Record<string, Role> = { C: 'captain', F: 'first_officer', D: 'deckhand', S: 'steward', H: 'chef' }

/** Slots from one letter a place: those that are taken, then those that are open. */
export function slots(taken: string, open: string): Slot[] {
  return [...(taken + open).toUpperCase()].map((letter, index) => ({
    role: ROLES[letter]!,
    slot: `${ROLES[letter]}#${index + 1}`,
    taken: index < taken.length,
  }))
}

/** The sun's day with round times: light from 6 to 18, in San Diego's winter time. */
export function aSun(date: CalendarDay): SunDay {
  const moment = (clock: string) => {
    const epoch = Date.parse(`${date}T${clock}:00-08:00`) / 1000
    return { epoch, iso: isoInZone(epoch, SAN_DIEGO) }
  }
  return {
    date,
    time_zone: SAN_DIEGO,
    latitude: 32.7157,
    longitude: -117.1611,
    astronomical_dawn: moment('05:00'),
    nautical_dawn: moment('05:30'),
    civil_dawn: moment('06:00'),
    sunrise: moment('06:30'),
    solar_noon: moment('12:00'),
    sunset: moment('17:30'),
    civil_dusk: moment('18:00'),
    nautical_dusk: moment('18:30'),
    astronomical_dusk: moment('19:00'),
  }
}
