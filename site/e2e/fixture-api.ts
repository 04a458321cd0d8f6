// Made-up sails for `npm run dev` and the browser tests. Never part of the build.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { components } from '../src/lib/api/schema'
import { DAY, HOUR, MINUTE, SAN_DIEGO, addDays, calendarDay, isoInZone, startOfDay } from '../src/lib/time/zone.ts'

type Sail = components['schemas']['SailEntry']
type Slot = components['schemas']['SlotEntry']
type SunDay = components['schemas']['SunDay']

/** Answers /api/* of the dev and the preview server. */
export function fixtureApi(): Plugin {
  return {
    name: 'fixture-api',
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => void server.middlewares.use(serve),
  }
}

function serve(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const now = Math.floor(Date.now() / 1000)
  if (url.pathname === '/api/sails') return send(response, 200, { sails: sails(now) })
  if (url.pathname === '/api/sun') return send(response, 200, sun(url.searchParams.get('date') ?? ''))
  if (url.pathname.startsWith('/api/')) {
    return send(response, 404, { type: 'about:blank', title: 'Not Found', status: 404 })
  }
  next()
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function sails(now: number): Sail[] {
  const today = calendarDay(now, SAN_DIEGO)
  const at = (days: number, hour: number, minute = 0) =>
    startOfDay(addDays(today, days), SAN_DIEGO) + hour * HOUR + minute * MINUTE
  const sail = (
    id: string,
    title: string,
    state: Sail['state'],
    departs_at: number,
    returns_at: number,
    slots: Slot[],
  ): Sail => {
    const sunset_at = sun(calendarDay(departs_at, SAN_DIEGO)).sunset.epoch
    return { event_id: id, title, vessel: 'JADA', state, departs_at, returns_at, guest_limit: 24, sunset_at, slots }
  }
  return [
    sail('now', 'Harbor tour', 'in_progress', now - HOUR, now + 2 * HOUR, crew('CfDdS', '')),
    sail('soon', 'Sunset sail, Alvarez anniversary', 'confirmed', at(2, 15, 30), at(2, 18, 30), crew('Cfd', 'DSH')),
    sail('night', 'Night sail under the stars', 'created', at(2, 20), at(3, 0, 30), crew('', 'CFDDS')),
    sail('off', 'Whale watching', 'cancelled', at(5, 9), at(5, 13), crew('C', 'FD')),
    sail('full', 'Corporate day, Pacific Robotics (all hands, two groups)', 'confirmed', at(9, 10), at(9, 16), crew('CFDDSH', '')),
  ]
}

const ROLE_OF_LETTER: Record<string, Slot['role']> = {
  C: 'captain',
  F: 'first_officer',
  D: 'deckhand',
  S: 'steward',
  H: 'chef',
}

/** Slots from one letter a place: those that are taken, then those that are open. */
function crew(taken: string, open: string): Slot[] {
  const count = new Map<string, number>()
  return [...taken.toUpperCase()].map((letter) => slot(letter, true)).concat([...open].map((letter) => slot(letter, false)))

  function slot(letter: string, isTaken: boolean): Slot {
    const number = (count.get(letter) ?? 0) + 1
    count.set(letter, number)
    const role = ROLE_OF_LETTER[letter] ?? 'deckhand'
    return { role, slot: `${role}#${number}`, taken: isTaken }
  }
}

/** Close enough to the sky over San Diego (within some minutes) to look at; the real API computes it properly. */
function sun(date: string): SunDay {
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
