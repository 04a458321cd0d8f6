import { expect, test } from 'vitest'
import { addMonths, monthAsked, monthName, spanOf, weeksOf } from './calendar'
import { aSail } from './testing'

const at = (iso: string) => Date.parse(iso) / 1000

test('months are counted across years', () => {
  expect(addMonths('2026-11', 2)).toBe('2027-01')
  expect(addMonths('2026-01', -1)).toBe('2025-12')
  expect(monthName('2026-11')).toBe('November 2026')
})

test('a month that is none is the present one of San Diego', () => {
  expect(monthAsked('2026-05', 0)).toBe('2026-05')
  for (const asked of ['2026-13', '2026', undefined, '<b>']) expect(monthAsked(asked, at('2026-12-01T07:00:00Z'))).toBe('2026-11')
})

test('a month begins and ends at San Diego’s midnight', () => {
  expect(spanOf('2026-11')).toEqual({ from: at('2026-11-01T07:00:00Z'), until: at('2026-12-01T08:00:00Z') })
})

test('a sail stands on San Diego’s day, in weeks from Sunday on', () => {
  const sail = aSail({ departs_at: at('2026-11-06T07:30:00Z') })
  const weeks = weeksOf('2026-11', [sail])
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7])
  expect(weeks[0]?.map((square) => square?.number)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(weeks[0]?.[4]?.sails).toEqual([sail])
  expect(weeksOf('2026-05', [])[0]?.map((square) => square?.number ?? null)).toEqual([null, null, null, null, null, 1, 2])
})
