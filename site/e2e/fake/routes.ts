// What the fake API answers, by route.
import { SAN_DIEGO, calendarDay } from '../../src/lib/time/zone.ts'
import { peopleRoutes } from './people.ts'
import { sailRoutes } from './sails.ts'
import { sunOf } from './sun.ts'
import { waiverRoutes } from './waivers.ts'
import { problem, type Answer, type Asked, type Route } from './answer.ts'
import type { Schemas } from './world.ts'

/** Seconds that a session lasts. */
const SESSION_SECONDS = 12 * 3600

const sessionOf = (person: Schemas['PersonEntry'], now: number): Schemas['SessionEntry'] => {
  const { person_id, email, name, grants } = person
  return { person_id, email, name, grants, expires_at: now + SESSION_SECONDS }
}

const entered = (asked: Asked, person_id: string): Answer => {
  const person = asked.world.people.get(person_id)
  if (!person || person.membership !== 'active') {
    return problem(400, 'This link or code cannot be used', 'urn:problem:not-redeemed')
  }
  const headers = { 'set-cookie': `fake-session=${person_id}; Path=/; HttpOnly; SameSite=Strict` }
  return { status: 200, body: sessionOf(person, asked.now), headers }
}

const left: Answer = { status: 204, headers: { 'set-cookie': 'fake-session=; Path=/; Max-Age=0' } }

/** A link's token is a person's key; the code is always `ABCD2345` and signs Dina in. */
const sessionRoutes: Route[] = [
  ['POST /api/auth/links', 'anybody', ({ now }) => ({ status: 202, body: { challenge: 'c'.repeat(32), expires_at: now + 86_400 } })],
  ['POST /api/auth/links/redemption', 'anybody', (asked) => entered(asked, String(asked.body.token))],
  ['POST /api/auth/codes/redemption', 'anybody', (asked) => entered(asked, asked.body.code === 'ABCD2345' ? 'dina' : '')],
  ['GET /api/auth/session', 'crew', ({ person, now }) => ({ status: 200, body: sessionOf(person!, now) })],
  ['DELETE /api/auth/session', 'crew', () => left],
  ['DELETE /api/auth/sessions', 'crew', () => left],
  ['GET /api/reports/{file}', 'admin', ({ path }) => ({ status: 200, body: path })],
  ['GET /api/sun', 'anybody', ({ query, now }) => ({ status: 200, body: sunOf(query.get('date') ?? calendarDay(now, SAN_DIEGO)) })],
]

export const routes: Route[] = [...sessionRoutes, ...sailRoutes, ...waiverRoutes, ...peopleRoutes]
