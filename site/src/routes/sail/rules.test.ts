import { describe, expect, test } from 'vitest'
import type { RosterEntry } from '../../lib/api/crew'
import type { AuditEntry, SailDetail } from '../../lib/api/sails'
import { doings, placeName, waiverInTheWay } from './crew'
import { deedText } from './deeds'
import { nextSteps } from './steps'
import { nextMoment } from './timing'

const DEPARTS = 1_000_000
const sail = (state: SailDetail['state']): SailDetail => ({
  event_id: 's1',
  title: 'Sail',
  vessel: 'Jada',
  departs_at: DEPARTS,
  returns_at: DEPARTS + 7200,
  state,
  guest_limit: 2,
  slots: { captain: 1, deckhand: 2 },
})
const place = (slot: string, person_id?: string): RosterEntry => ({
  role: slot.split('#')[0] as RosterEntry['role'],
  slot,
  ...(person_id ? { holder: { person_id, name: person_id, since: 1 } } : {}),
})

describe('what somebody may do with a place', () => {
  const crew = { person_id: 'me', commands: false, isCaptain: false, hasPlace: false }
  const before = DEPARTS - 60
  test.each([
    ['an open place is taken', 'confirmed', place('deckhand#1'), crew, before, ['claim']],
    ['one place a person', 'confirmed', place('deckhand#1'), { ...crew, hasPlace: true }, before, []],
    ['captains alone command', 'confirmed', place('captain#1'), crew, before, []],
    ['a captain commands', 'created', place('captain#1'), { ...crew, isCaptain: true }, before, ['claim']],
    ['the own place is handed over or released', 'confirmed', place('deckhand#1', 'me'), { ...crew, hasPlace: true }, before, ['designate', 'release']],
    ['the place of others is theirs', 'confirmed', place('deckhand#1', 'emil'), crew, before, []],
    ['who commands gives and releases', 'confirmed', place('deckhand#1', 'emil'), { ...crew, commands: true, hasPlace: true }, before, ['designate', 'release']],
    ['nothing after departure', 'confirmed', place('deckhand#1'), crew, DEPARTS, []],
    ['nothing on a cancelled sail', 'cancelled', place('deckhand#1'), { ...crew, commands: true }, before, []],
  ] as const)('%s', (_name, state, entry, reader, now, expected) => {
    expect(doings(sail(state), entry, reader, now)).toEqual(expected)
  })

  test('a place has a number where there are several of its kind', () => {
    const all = [place('captain#1'), place('deckhand#1'), place('deckhand#2')]
    expect(all.map((entry) => placeName(entry, all))).toEqual(['Captain', 'Deckhand 1', 'Deckhand 2'])
  })

  test('a waiver that is not signed, or on hold, is in the way', () => {
    expect([undefined, 'on_hold', 'signed', 'cleared', 'boarded'].map((each) => waiverInTheWay(each as never))).toEqual(['unsigned', 'on_hold', null, null, null])
  })
})

test('the next steps of a sail are those of its state and of who asks', () => {
  const names = (state: SailDetail['state'], isAdmin: boolean, now: number) =>
    nextSteps(sail(state), isAdmin, now).map((step) => (step.notYet ? `(${step.step})` : step.step))
  expect(names('created', true, 0)).toEqual(['confirm', 'cancel'])
  expect(names('created', false, 0)).toEqual([])
  expect(names('confirmed', false, DEPARTS - 3601)).toEqual(['(start)'])
  expect(names('confirmed', true, DEPARTS - 3600)).toEqual(['start', 'cancel'])
  expect(names('in_progress', false, DEPARTS)).toEqual(['complete'])
  expect(names('completed', true, DEPARTS)).toEqual([])
})

test('it counts down to the departure, then to the return, then to nothing', () => {
  expect(nextMoment(sail('confirmed'), DEPARTS - 1)).toEqual({ name: 'Departs', at: DEPARTS })
  expect(nextMoment(sail('confirmed'), DEPARTS + 1)?.name).toBe('Was to depart')
  expect(nextMoment(sail('in_progress'), DEPARTS + 1)).toEqual({ name: 'Back', at: DEPARTS + 7200 })
  expect(nextMoment(sail('in_progress'), DEPARTS + 7200)?.name).toBe('Was due back')
  expect(nextMoment(sail('cancelled'), 0)).toBeNull()
})

test('what somebody does for themselves is told so', () => {
  expect(deedText({ deed: 'role_changed', slot: 'chef#1', to: 'a@x.co' }, 'a@x.co')).toBe('took chef 1')
  expect(deedText({ deed: 'role_changed', slot: 'chef#1', from: 'a@x.co' }, 'a@x.co')).toBe('released chef 1')
})

test.each<[AuditEntry['what'], string]>([
  [{ deed: 'sail_created' }, 'planned the sail'],
  [{ deed: 'sail_stepped', step: 'cancel', reason: 'storm' }, 'cancelled the sail: “storm”'],
  [{ deed: 'sail_stepped', step: 'start' }, 'started the sail'],
  [{ deed: 'role_changed', slot: 'first_officer#1', to: 'a@x.co' }, 'gave first officer 1 to a@x.co'],
  [{ deed: 'role_changed', slot: 'deckhand#2', from: 'a@x.co', to: 'b@x.co' }, 'handed deckhand 2 from a@x.co to b@x.co'],
  [{ deed: 'role_changed', slot: 'chef#1', from: 'a@x.co' }, 'released chef 1, held by a@x.co'],
  [{ deed: 'hold_cleared', waiver_id: 'w', reason: 'called' }, 'cleared a hold: “called”'],
])('the history tells %o as "%s"', (what, text) => {
  expect(deedText(what, 'x@x.co')).toBe(text)
})
