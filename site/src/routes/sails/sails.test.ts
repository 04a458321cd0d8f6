import { describe, expect, test } from 'vitest'
import type { Sail } from '../../lib/api/sails'
import {
  asOf,
  groupByDay,
  openPlaces,
  placesByRole,
  placesText,
  summary,
  sunsetOfSail,
  takesCrew,
  whenText,
} from './sails'
import { aSail, slots } from './testing'

const at = (iso: string) => Date.parse(iso) / 1000
const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const NOW = at('2026-03-07T20:00:00Z') // Saturday noon in San Diego; the clocks go forward that night

describe('grouping', () => {
  const ids = (sails: Sail[]) => groupByDay(sails, NOW).map(({ day, sails }) => [day, ...sails.map((s) => s.event_id)])

  test('puts sails under the San Diego day on which they leave, soonest first', () => {
    const late = aSail({ event_id: 'late', departs_at: at('2026-03-08T07:30:00Z'), returns_at: at('2026-03-08T11:00:00Z') })
    const after = aSail({ event_id: 'after', departs_at: at('2026-03-08T10:30:00Z'), returns_at: at('2026-03-08T12:00:00Z') })
    const monday = aSail({ event_id: 'monday', departs_at: at('2026-03-09T07:00:00Z'), returns_at: at('2026-03-09T12:00:00Z') })
    expect(ids([monday, after, late])).toEqual([
      ['2026-03-07', 'late'],
      ['2026-03-08', 'after'],
      ['2026-03-09', 'monday'],
    ])
  })

  test('leaves out what is over, and keeps a late boat', () => {
    const past = { departs_at: NOW - 7200, returns_at: NOW - 60 }
    expect(ids([aSail({ ...past, state: 'confirmed' }), aSail({ ...past, state: 'cancelled' })])).toEqual([])
    expect(ids([aSail({ state: 'completed', departs_at: NOW - 60, returns_at: NOW + 60 })])).toEqual([])
    expect(ids([aSail({ ...past, event_id: 'late', state: 'in_progress' })])).toEqual([['2026-03-07', 'late']])
  })

  test('does not change the list that it is given', () => {
    const sails = Object.freeze([aSail({ departs_at: NOW + 200 }), aSail({ departs_at: NOW + 100 })])
    expect(groupByDay(sails, NOW)[0]?.sails).toHaveLength(2)
  })
})

describe('places', () => {
  test('are counted by role, in the order of a crew', () => {
    const found = placesByRole(slots('Cdh', 'DF'))
    expect(found.map(({ name, places, open }) => [name, places, open])).toEqual([
      ['Captain', 1, 0],
      ['First Officer', 1, 1],
      ['Deckhand', 2, 1],
      ['Chef', 1, 0],
    ])
    expect(found.filter((role) => role.open > 0).map((role) => placesText(role, true))).toEqual(['open', '1 of 2 open'])
    expect(found.filter((role) => role.open > 0).map((role) => placesText(role, false))).toEqual([
      'not filled',
      '1 of 2 filled',
    ])
  })

  test.each([
    ['created', 60, true],
    ['confirmed', 60, true],
    ['confirmed', 0, false],
    ['in_progress', 60, false],
    ['cancelled', 60, false],
  ] as const)('on a sail that is %s and leaves in %d s can be taken: %s', (state, seconds, open) => {
    const sail = aSail({ state, departs_at: NOW + seconds, slots: slots('', 'DD') })
    expect(takesCrew(sail, NOW)).toBe(open)
    expect(openPlaces(sail, NOW)).toBe(open ? 2 : 0)
  })

  test('are summed up in one sentence', () => {
    const one = aSail({ departs_at: NOW + 60, slots: slots('C', 'D') })
    expect(summary(groupByDay([one], NOW), NOW)).toBe('1 sail, 1 open place')
    expect(summary(groupByDay([one, one], NOW), NOW)).toBe('2 sails, 2 open places')
    expect(summary(groupByDay([aSail({ slots: [] })], NOW), NOW)).toBe('1 sail, no open place')
  })
})

describe('the sunset', () => {
  const departs_at = at('2026-03-08T00:00:00Z')
  const returns_at = departs_at + 3 * 3600

  test.each([
    ['a second before departure', departs_at - 1, false, 'before departure'],
    ['at departure', departs_at, true, 'under way'],
    ['during the sail', departs_at + 3600, true, 'under way'],
    ['at the return', returns_at, false, 'after return'],
    ['soon after the return', returns_at + 43 * 60, false, '43 min after return'],
    ['long after the return', returns_at + 5 * 3600, false, 'after return'],
  ])('%s', (_name, sunset_at, underWay, text) => {
    const found = sunsetOfSail(aSail({ departs_at, returns_at }), sunset_at)
    expect({ ...found, text: plain(found.text) }).toEqual({ underWay, text })
  })
})

test.each([
  ['confirmed', 2 * 3600, 'in 2 hours'],
  ['in_progress', -3600, 'back in 2 hours'],
  ['confirmed', -3600, 'back in 2 hours'],
  ['in_progress', -4 * 3600, 'due back 1 hour ago'],
  ['cancelled', 3600, ''],
] as const)('a %s sail of three hours that leaves in %d s is "%s"', (state, seconds, text) => {
  const departs_at = NOW + seconds
  expect(plain(whenText(aSail({ state, departs_at, returns_at: departs_at + 3 * 3600 }), NOW))).toBe(text)
})

test('an old list says when it is from', () => {
  expect(plain(asOf(NOW - 3600, NOW))).toBe('11:00 am')
  expect(plain(asOf(NOW - 2 * 86400, NOW))).toBe('12:00 pm, 2 days ago')
})
