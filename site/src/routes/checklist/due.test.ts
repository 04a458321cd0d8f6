import { describe, expect, test } from 'vitest'
import type { Entry } from '../../lib/api/checklist'
import { dueRule, entryFaults, entryOf, fieldsOf, newFields } from './due'

const entry = (anchor: Entry['anchor'], due_minutes: number): Entry => ({
  entry_id: 'fuel',
  role: 'captain',
  phase: 'before_departure',
  text: 'Check the fuel',
  anchor,
  due_minutes,
})

describe('a due time', () => {
  test.each([
    ['departure', -45, '45 min before departure', 45, 'minutes', 'before_departure'],
    ['departure', -120, '2 h before departure', 2, 'hours', 'before_departure'],
    ['return', -90, '1 h 30 min before the return', 90, 'minutes', 'before_return'],
    ['return', 2880, '48 h after the return', 2, 'days', 'after_return'],
    ['departure', 15, '15 min after departure', 15, 'minutes', 'after_departure'],
    ['departure', 0, 'at departure', 0, 'minutes', 'before_departure'],
    ['return', 0, 'at the return', 0, 'minutes', 'before_return'],
  ] as const)('of %s %i is said, shown in fields, and read from them', (anchor, minutes, said, amount, unit, side) => {
    const given = entry(anchor, minutes)
    expect(dueRule(given).replaceAll('\u00a0', ' ')).toBe(said)
    expect(fieldsOf(given)).toMatchObject({ amount, unit, side })
    expect(entryOf('fuel', fieldsOf(given))).toStrictEqual(given)
  })
})

test('a new entry is due when things of its part usually are', () => {
  const fields = { ...newFields('return', 'deckhand'), text: ' Fenders out ' }
  expect(entryOf('e1', fields)).toStrictEqual({ entry_id: 'e1', role: 'deckhand', phase: 'return', text: 'Fenders out', anchor: 'return', due_minutes: -15 })
})

test('what the server would refuse is said before it is sent', () => {
  const fields = fieldsOf(entry('departure', -30))
  expect(entryFaults(fields)).toEqual({})
  expect(Object.keys(entryFaults({ ...fields, text: '  ' }))).toEqual(['/text'])
  expect(Object.keys(entryFaults({ ...fields, text: 'x'.repeat(161) }))).toEqual(['/text'])
  for (const amount of [-1, 1.5, Number.NaN]) expect(Object.keys(entryFaults({ ...fields, amount })), String(amount)).toEqual(['/due_minutes'])
  expect(entryFaults({ ...fields, amount: 7, unit: 'days' })).toEqual({})
  expect(Object.keys(entryFaults({ ...fields, amount: 8, unit: 'days' }))).toEqual(['/due_minutes'])
  // An empty field of numbers is a text.
  expect(Object.keys(entryFaults({ ...fields, amount: '' as unknown as number }))).toEqual(['/due_minutes'])
})
