import { describe, expect, test } from 'vitest'
import type { Checklist, ChecklistEntry } from '../../lib/api/checklist'
import type { SailDetail } from '../../lib/api/sails'
import { overlay, phaseOf, sections, stateOf } from './checklist'

const DEPARTS = 1_000_000
const sail = (changes: Partial<SailDetail> = {}): SailDetail => ({
  event_id: 's1',
  title: 'Sail',
  vessel: 'Jada',
  departs_at: DEPARTS,
  returns_at: DEPARTS + 7200,
  state: 'confirmed',
  guest_limit: 2,
  slots: { captain: 1 },
  ...changes,
})
const entry = (changes: Partial<ChecklistEntry> = {}): ChecklistEntry => ({
  entry_id: 'engine',
  role: 'captain',
  phase: 'before_departure',
  text: 'Check the engine',
  anchor: 'departure',
  due_minutes: -30,
  due_at: DEPARTS - 1800,
  state: 'open',
  ...changes,
})
const tick = (done: boolean, at: number) => ({ person_id: 'me', event_id: 's1', entry_id: 'engine', done, at })

// The same table as the crew API's own test of its phases.
test.each([
  ['confirmed', -24 * 60 - 1, null],
  ['confirmed', -24 * 60, 'before_departure'],
  ['confirmed', 10, 'before_departure'],
  ['in_progress', -10, 'under_way'],
  ['in_progress', 89, 'under_way'],
  ['in_progress', 90, 'return'],
  ['in_progress', 120, 'close_out'],
  ['completed', 100, 'close_out'],
  ['cancelled', 0, null],
] as const)('a sail that is %s is %i minutes after its departure in phase %s', (state, minutes, phase) => {
  expect(phaseOf(sail({ state }), DEPARTS + minutes * 60)).toBe(phase)
})

test('an entry waits, opens and falls due with its sail', () => {
  const at = (minutes: number) => {
    const now = DEPARTS + minutes * 60
    return stateOf(entry(), false, phaseOf(sail(), now), now)
  }
  expect(at(-25 * 60)).toBe('waiting')
  expect(at(-31)).toBe('open')
  expect(at(-30)).toBe('overdue')
  expect(stateOf(entry(), true, null, 0)).toBe('done')
})

describe('what waits on the device lies over what the server told:', () => {
  const shown = (told: Partial<ChecklistEntry>, queued: ReturnType<typeof tick>[]) => {
    const list: Checklist = { entries: [entry(told)] }
    const [item] = overlay(list, queued, sail(), DEPARTS - 3600)
    return [item?.state, item?.done_by ?? null, item?.waits]
  }
  const others = { done_by: 'emil', done_at: 500, state: 'done' as const }
  test.each([
    ['nothing waits', others, [], ['done', 'emil', false]],
    ['a tick', {}, [tick(true, 600)], ['done', 'me', true]],
    ['a later removal', others, [tick(false, 600)], ['open', null, true]],
    ['an earlier removal loses no tick', others, [tick(false, 400)], ['done', 'emil', true]],
    ['at one moment the tick counts', others, [tick(false, 500)], ['done', 'emil', true]],
    ['an earlier tick of mine leaves the later one', others, [tick(true, 400)], ['done', 'emil', true]],
  ] as const)('%s', (_name, told, queued, expected) => {
    expect(shown(told, [...queued])).toEqual(expected)
  })
})

test('sections are in the order of a sail, filtered by role, and open where it is their turn or something is late', () => {
  const items = overlay(
    {
      entries: [
        entry({ entry_id: 'wash', phase: 'close_out', role: 'deckhand', due_at: DEPARTS + 9000 }),
        entry({ entry_id: 'late', phase: 'before_departure', due_at: DEPARTS - 1800 }),
        entry({ entry_id: 'log', phase: 'under_way', due_at: DEPARTS + 1800 }),
      ],
    },
    [],
    sail({ state: 'in_progress' }),
    DEPARTS + 60,
  )
  const all = sections(items, null, 'under_way')
  expect(all.map((part) => [part.phase, part.isDue])).toEqual([['before_departure', true], ['under_way', true], ['close_out', false]])
  expect(sections(items, 'deckhand', 'under_way').map((part) => part.phase)).toEqual(['close_out'])
})
