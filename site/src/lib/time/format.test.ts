import { describe, expect, test } from 'vitest'
import {
  clockTime,
  clockTimeAfter,
  countdown,
  dayHeading,
  dayRelation,
  differsFromSanDiego,
  duration,
  rangeOnDevice,
  zoneAbbreviation,
  zoneComparedToSanDiego,
} from './format'
import { SAN_DIEGO } from './zone'

const at = (iso: string) => Date.parse(iso) / 1000
/** Text as a reader sees it: a space that does not break is a space. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each([
  ['2026-01-15T08:00:00Z', '12:00 am'],
  ['2026-01-15T20:00:00Z', '12:00 pm'],
  ['2026-01-16T01:05:00Z', '5:05 pm'],
  ['2026-07-16T00:30:00Z', '5:30 pm'],
])('%s is %s on San Diego clocks', (iso, text) => {
  expect(plain(clockTime(at(iso), SAN_DIEGO))).toBe(text)
})

describe('the second of two times says what differs', () => {
  test.each([
    ['same day', '2026-01-16T01:00:00Z', '2026-01-16T04:00:00Z', '8:00 pm'],
    ['past midnight', '2026-01-16T04:00:00Z', '2026-01-16T08:30:00Z', 'Fri 12:30 am'],
    ['while the clocks go forward', '2026-03-08T09:30:00Z', '2026-03-08T10:30:00Z', '3:30 am PDT'],
    ['while the clocks go back', '2026-11-01T08:30:00Z', '2026-11-01T09:30:00Z', '1:30 am PST'],
  ])('%s', (_name, from, to, text) => {
    expect(plain(clockTimeAfter(at(from), at(to), SAN_DIEGO))).toBe(text)
  })
})

test('days have names', () => {
  expect(dayHeading('2026-03-14')).toBe('Saturday, March 14')
  expect(['2026-03-13', '2026-03-14', '2026-03-15', '2026-03-16'].map((day) => dayRelation(day, '2026-03-14'))).toEqual(
    ['Yesterday', 'Today', 'Tomorrow', ''],
  )
})

describe('a countdown', () => {
  const now = at('2026-03-05T18:00:00Z') // Thursday, 10 am

  test.each([
    ['2026-03-05T18:00:59Z', 'now'],
    ['2026-03-05T18:01:00Z', 'in 1 minute'],
    ['2026-03-05T18:59:59Z', 'in 59 minutes'],
    ['2026-03-05T19:00:00Z', 'in 1 hour'],
    ['2026-03-06T17:59:59Z', 'in 23 hours'],
    ['2026-03-06T18:00:00Z', 'tomorrow'],
    ['2026-03-07T16:00:00Z', 'in 2 days'],
    ['2026-03-05T17:50:00Z', '10 minutes ago'],
    ['2026-03-03T17:50:00Z', '2 days ago'],
  ])('to %s reads "%s"', (iso, text) => {
    expect(plain(countdown(at(iso), now))).toBe(text)
  })

  test('counts calendar days across a change of the clocks', () => {
    // Saturday 11 pm to Monday 1 am: the 25 hours in between are two days on the calendar.
    expect(plain(countdown(at('2026-03-09T08:00:00Z'), at('2026-03-08T07:00:00Z')))).toBe('in 2 days')
  })
})

test.each([
  [29, '0 min'],
  [45 * 60, '45 min'],
  [3600, '1 h'],
  [4800, '1 h 20 min'],
  [7199, '2 h'],
])('%d seconds last %s', (seconds, text) => {
  expect(plain(duration(seconds))).toBe(text)
})

describe('a device in another zone', () => {
  const from = at('2026-07-11T00:30:00Z') // Friday 5:30 pm in San Diego
  const to = at('2026-07-11T03:30:00Z')

  test('differs only when its clocks do', () => {
    expect(differsFromSanDiego(from, SAN_DIEGO)).toBe(false)
    expect(differsFromSanDiego(from, 'America/Tijuana')).toBe(false)
    expect(differsFromSanDiego(from, 'America/New_York')).toBe(true)
    // Arizona keeps no summer time: the same clocks as San Diego in July, an hour ahead in January.
    expect(differsFromSanDiego(from, 'America/Phoenix')).toBe(false)
    expect(differsFromSanDiego(at('2026-01-11T00:30:00Z'), 'America/Phoenix')).toBe(true)
  })

  test('is named, with how far off it is', () => {
    expect(zoneAbbreviation(from, SAN_DIEGO)).toBe('PDT')
    expect(plain(zoneComparedToSanDiego(from, 'Europe/Berlin'))).toBe('Central European Summer Time, 9 h ahead')
    expect(plain(zoneComparedToSanDiego(from, 'Pacific/Honolulu'))).toMatch(/^Hawaii.*, 3 h behind$/)
    expect(plain(zoneComparedToSanDiego(from, 'Asia/Kolkata'))).toBe('India Standard Time, 12 h 30 min ahead')
  })

  test.each([
    ['America/New_York', '8:30 pm – 11:30 pm EDT'],
    ['Europe/Berlin', 'Sat 2:30 am – 5:30 am GMT+2'],
    ['America/Halifax', '9:30 pm – Sat 12:30 am ADT'],
  ])('in %s shows the sail as %s', (zone, text) => {
    expect(plain(rangeOnDevice(from, to, zone))).toBe(text)
  })
})
