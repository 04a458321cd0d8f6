import { describe, expect, test } from 'vitest'
import { HOUR, SAN_DIEGO, addDays, calendarDay, daysBetween, isoInZone, offsetMinutes, startOfDay } from './zone'

const at = (iso: string) => Date.parse(iso) / 1000

describe('a moment belongs to the day that San Diego is on', () => {
  test.each([
    ['2026-01-15T07:59:59Z', '2026-01-14'],
    ['2026-01-15T08:00:00Z', '2026-01-15'],
    ['2026-07-15T06:59:59Z', '2026-07-14'],
    ['2026-07-15T07:00:00Z', '2026-07-15'],
  ])('%s is on %s', (iso, day) => {
    expect(calendarDay(at(iso), SAN_DIEGO)).toBe(day)
  })
})

describe('a day begins at midnight and is as long as the clocks make it', () => {
  test.each([
    ['an ordinary day', '2026-07-15', '2026-07-15T07:00:00Z', 24],
    ['the day the clocks go forward', '2026-03-08', '2026-03-08T08:00:00Z', 23],
    ['the day the clocks go back', '2026-11-01', '2026-11-01T07:00:00Z', 25],
    ['the last of a year', '2026-12-31', '2026-12-31T08:00:00Z', 24],
  ])('%s', (_name, day, start, hours) => {
    expect(startOfDay(day, SAN_DIEGO)).toBe(at(start))
    expect(startOfDay(addDays(day, 1), SAN_DIEGO) - startOfDay(day, SAN_DIEGO)).toBe(hours * HOUR)
  })
})

test('midnight is right where the clocks change between it and midnight in Greenwich', () => {
  expect(startOfDay('2026-04-05', 'Pacific/Auckland')).toBe(at('2026-04-04T11:00:00Z'))
})

test('the offset follows the clocks, also where it is no whole hour', () => {
  expect(offsetMinutes(at('2026-03-08T09:59:59Z'), SAN_DIEGO)).toBe(-480)
  expect(offsetMinutes(at('2026-03-08T10:00:00Z'), SAN_DIEGO)).toBe(-420)
  expect(offsetMinutes(at('2026-07-15T00:00:00Z'), 'Asia/Kathmandu')).toBe(345)
})

test('ISO times carry the offset of their moment', () => {
  expect(isoInZone(at('2026-01-15T01:30:00Z'), SAN_DIEGO)).toBe('2026-01-14T17:30:00-08:00')
  expect(isoInZone(at('2026-07-15T01:30:00Z'), SAN_DIEGO)).toBe('2026-07-14T18:30:00-07:00')
  expect(isoInZone(at('2026-07-15T00:00:00Z'), 'Asia/Kathmandu')).toBe('2026-07-15T05:45:00+05:45')
})

test('days are counted on the calendar, not in hours', () => {
  expect(daysBetween('2026-03-07', '2026-03-09')).toBe(2)
  expect(daysBetween('2026-10-31', '2026-11-02')).toBe(2)
  expect(daysBetween('2026-03-01', '2026-02-28')).toBe(-1)
})
