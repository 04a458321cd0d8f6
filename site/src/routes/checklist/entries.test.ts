import { describe, expect, test } from 'vitest'
import type { Entry } from '../../lib/api/checklist'
import { changes, merge, neighbour, placed, sameEntries } from './entries'

const SAIL = { departs_at: 100_000, returns_at: 107_200 }
const entry = (entry_id: string, changes: Partial<Entry> = {}): Entry => ({
  entry_id,
  role: 'captain',
  phase: 'before_departure',
  text: entry_id,
  anchor: 'departure',
  due_minutes: -30,
  ...changes,
})
const keys = (list: Entry[]) => list.map((each) => each.entry_id)
const early = entry('early', { due_minutes: -90 })
const late = entry('late', { due_minutes: -10 })
const home = entry('home', { phase: 'return', anchor: 'return', due_minutes: -15 })
const LIST = [early, late, home]

describe('an entry goes where its time is:', () => {
  test.each([
    ['between what is due before and after it', entry('new'), ['early', 'new', 'late', 'home']],
    ['behind what is due at the same moment', entry('new', { due_minutes: -10 }), ['early', 'late', 'new', 'home']],
    ['by the clock, whatever it hangs on', entry('new', { anchor: 'return', due_minutes: -180 }), ['early', 'new', 'late', 'home']],
    ['behind earlier parts of the sail', entry('new', { phase: 'under_way', due_minutes: 5 }), ['early', 'late', 'new', 'home']],
    ['at the end', entry('new', { phase: 'close_out', anchor: 'return', due_minutes: 5 }), ['early', 'late', 'home', 'new']],
    ['anew, when its time has changed', { ...early, due_minutes: -5 }, ['late', 'early', 'home']],
    ['nowhere else, when only its words have', { ...early, text: 'sooner' }, ['early', 'late', 'home']],
  ])('%s', (_, given, order) => {
    const list = placed(LIST, given, SAIL)
    expect(keys(list)).toEqual(order)
    expect(list).toContainEqual(given)
  })
})

test.each([
  ['the next one of its part', early, late],
  ['the one before, for the last of its part', late, early],
  ['nobody, for the only one', home, null],
])('who stands in for an entry that leaves: %s', (_, leaving, stands) => {
  expect(neighbour(LIST, leaving)).toEqual(stands)
})

test('what was made of a list is counted', () => {
  const mine = [{ ...early, text: 'sooner' }, entry('new'), home]
  expect(changes(LIST, mine)).toEqual({ added: 1, changed: 1, removed: [late] })
  expect(changes(LIST, LIST)).toEqual({ added: 0, changed: 0, removed: [] })
})

describe('two people’s changes become one:', () => {
  const sooner = { ...early, text: 'sooner' }
  const later = { ...early, text: 'later' }

  test('what only one has touched is taken over, added, changed or removed', () => {
    const mine = [early, late, home, entry('mine')]
    const theirs = [sooner, home, entry('theirs')]
    const merged = merge(LIST, mine, theirs, SAIL)
    expect(keys(merged.list).sort()).toEqual(['early', 'home', 'mine', 'theirs'])
    expect(merged.list).toContainEqual(sooner)
    expect(merged).toMatchObject({ takenOver: 3, clashes: [] })
  })

  test('where both have changed the same, mine stands and both are told', () => {
    const merged = merge(LIST, [sooner, late, home], [later, late, home], SAIL)
    expect(merged.list).toContainEqual(sooner)
    expect(merged.clashes).toEqual([{ entry_id: 'early', mine: sooner, theirs: later }])
  })

  test('what one has changed and the other removed stays', () => {
    const removed = [late, home]
    for (const [mine, theirs] of [[[sooner, late, home], removed], [removed, [sooner, late, home]]] as const) {
      const merged = merge(LIST, mine, theirs, SAIL)
      expect(merged.list).toContainEqual(sooner)
      expect(merged.clashes).toHaveLength(1)
    }
  })

  test('what both have done alike is no clash', () => {
    const both = [sooner, home]
    expect(merge(LIST, both, both, SAIL)).toEqual({ list: both, takenOver: 0, clashes: [] })
    expect(sameEntries(both, [home, sooner])).toBe(true)
    expect(sameEntries(both, [home, early])).toBe(false)
  })
})
