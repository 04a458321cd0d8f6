// The made-up world of the fake API: people, sails and what is said of them. Each browser test has its own.
import type { components } from '../../src/lib/api/schema'
import { entriesFor } from './checklist.ts'
import { DAY, HOUR, MINUTE, SAN_DIEGO, addDays, calendarDay, startOfDay } from '../../src/lib/time/zone.ts'

export type Schemas = components['schemas']
export type Role = Schemas['Role']

export interface FakeWaiver {
  entry: Schemas['WaiverEntry']
  form: Schemas['Form']
  reasons: Schemas['Hold'][]
  clearance?: string
}

export interface FakeSail {
  detail: Schemas['SailDetail']
  revision: number
  holders: Map<string, string>
  waivers: Map<string, FakeWaiver>
  /** What is to be done; revision 0: what every sail begins with. */
  list: { entries: Schemas['Entry'][]; revision: number }
  marks: Map<string, { person_id: string; done: boolean; at: number }>
  trail: Schemas['AuditEntry'][]
  link: string | null
}

export interface World {
  people: Map<string, Schemas['PersonEntry'] & { revision: number; history: Schemas['HistoryEntry'][] }>
  sails: Map<string, FakeSail>
  /** Answers by `Idempotency-Key`. */
  answered: Map<string, unknown>
  unknown: Schemas['UnknownSends']
}

export const ROLES: readonly Role[] = ['captain', 'first_officer', 'deckhand', 'steward', 'chef']

/** A time some while ago, for what has always been so. */
const SINCE = 1_760_000_000

export function makeWorld(now: number): World {
  const world: World = { people: new Map(), sails: new Map(), answered: new Map(), unknown: { sends: [], links: [] } }
  const person = (id: string, name: string, grants: Schemas['Grant'][], membership: Schemas['Membership'] = 'active') => {
    const email = `${id}@crew.example.com`
    const history = [{ at: SINCE, actor: 'ada@crew.example.com', deed: 'invited' as const, grants }]
    world.people.set(id, { person_id: id, email, name, grants, membership, invited_at: SINCE, revision: 1, history })
  }
  person('ada', 'Ada Moreno', ['admin', 'crew'])
  person('cleo', 'Cleo Park', ['captain', 'crew'])
  person('bram', 'Bram Okafor', ['captain', 'crew'])
  person('dina', 'Dina Alvarez', ['crew'])
  person('emil', 'Emil Novak', ['crew'])
  person('faye', 'Faye Lindqvist', ['crew'])
  person('gil', 'Gil Tanaka', ['crew'], 'revoked')

  const today = calendarDay(now, SAN_DIEGO)
  const at = (days: number, hour: number, minute = 0) =>
    startOfDay(addDays(today, days), SAN_DIEGO) + hour * HOUR + minute * MINUTE
  const sail = (
    event_id: string,
    title: string,
    state: Schemas['SailState'],
    [departs_at, returns_at]: [number, number],
    slots: Partial<Record<Role, number>>,
    holders: Record<string, string>,
  ) => {
    const detail = { event_id, title, vessel: 'JADA', departs_at, returns_at, state, guest_limit: 24, slots }
    const trail: Schemas['AuditEntry'][] = [{ at: now - 3 * DAY, actor: 'ada@crew.example.com', what: { deed: 'sail_created' } }]
    const made: FakeSail = {
      detail: detail as Schemas['SailDetail'],
      revision: 1,
      holders: new Map(Object.entries(holders)),
      waivers: new Map(),
      list: { entries: entriesFor(slots), revision: 0 },
      marks: new Map(),
      trail,
      link: `${event_id}.a-token`,
    }
    world.sails.set(event_id, made)
    for (const [slot, person_id] of made.holders) {
      signed(made, `crew-${person_id}`, world.people.get(person_id)?.name ?? '', now - 2 * DAY)
      const email = `${person_id}@crew.example.com`
      trail.unshift({ at: now - 2 * DAY, actor: email, what: { deed: 'role_changed', slot, to: email } })
    }
    return made
  }
  const out = sail('now', 'Harbor tour', 'in_progress', [now - HOUR, now + 2 * HOUR], { captain: 1, first_officer: 1, deckhand: 2, steward: 1 }, {
    'captain#1': 'cleo',
    'first_officer#1': 'dina',
    'deckhand#1': 'emil',
  })
  for (const entry_id of ['weather', 'briefing', 'engine', 'jackets', 'lines', 'galley', 'log']) {
    out.marks.set(entry_id, { person_id: entry_id === 'engine' ? 'dina' : 'cleo', done: true, at: now - 70 * MINUTE })
  }
  const soon = sail('soon', 'Sunset sail, Alvarez anniversary', 'confirmed', [now + 50 * MINUTE, now + 4 * HOUR], {
    captain: 1,
    first_officer: 1,
    deckhand: 2,
    steward: 1,
    chef: 1,
  }, { 'captain#1': 'cleo', 'first_officer#1': 'dina' })
  signed(soon, 'guest-1', 'Noor Haddad', now - 5 * HOUR)
  hold(soon, 'guest-2', 'Leo Brandt', now - 4 * HOUR, ['high_risk'], 'Asthma since childhood. The inhaler is in my bag.')
  sail('night', 'Night sail under the stars', 'created', [at(2, 20), at(3, 0, 30)], { captain: 1, first_officer: 1, deckhand: 2, steward: 1 }, {})
  sail('off', 'Whale watching', 'cancelled', [at(5, 9), at(5, 13)], { captain: 1, deckhand: 1 }, { 'captain#1': 'bram' })
  sail('full', 'Corporate day, Pacific Robotics (all hands, two groups)', 'confirmed', [at(9, 10), at(9, 16)], { captain: 1, deckhand: 1, chef: 1 }, {
    'captain#1': 'bram',
    'deckhand#1': 'emil',
    'chef#1': 'faye',
  })
  world.unknown.sends.push({ event_id: 'night', person_id: 'emil', message_key: 'nudge-7f3a9c', at: now - 8 * HOUR })
  world.unknown.links.push({ person_id: 'faye', purpose: 'invitation', refused: true, message_key: 'sign-in-5c1b70', at: now - 2 * HOUR })
  return world
}

function signed(sail: FakeSail, waiver_id: string, name: string, at: number): void {
  const entry = { event_id: sail.detail.event_id, waiver_id, name, signed_at: at, standing: 'signed' as const }
  sail.waivers.set(waiver_id, { entry, form: aForm(name), reasons: [] })
}

function hold(sail: FakeSail, waiver_id: string, name: string, at: number, reasons: Schemas['Hold'][], details: string): void {
  const form = { ...aForm(name), medical: { has_conditions: true, risks: ['breathing' as const], details } }
  const entry = { event_id: sail.detail.event_id, waiver_id, name, signed_at: at, standing: 'on_hold' as const }
  sail.waivers.set(waiver_id, { entry, form, reasons })
}

function aForm(name: string): Schemas['Form'] {
  return {
    text_version: '2026-11',
    name,
    born: '1988-05-17',
    emergency_contact: { name: 'Kim Haddad', phone: '+1 619 555 0142' },
    medical: { has_conditions: false, risks: [], details: '' },
    signature: { typed: name, drawn: [[[120, 620], [240, 380], [330, 700], [470, 420], [640, 640], [830, 480]]] },
    signed_on: '2026-11-20',
  }
}

/** The slots of a sail by name, the captain's first. */
export function slotsOf(detail: Schemas['SailDetail']): { role: Role; slot: string }[] {
  return ROLES.flatMap((role) =>
    Array.from({ length: detail.slots[role] ?? 0 }, (_, index) => ({ role, slot: `${role}#${index + 1}` })),
  )
}
