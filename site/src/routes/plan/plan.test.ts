import { describe, expect, test } from 'vitest'
import { SAN_DIEGO, localText, momentAt } from '../../lib/time/zone'
import { fieldsOf, merge, newPlan, planFaults, planOf, samePlan, withTheirs, type PlanFields } from './plan'

const NOW = Date.parse('2026-11-21T20:00:00Z') / 1000
const plan = (changes: Partial<PlanFields> = {}): PlanFields => ({
  ...newPlan('Jada'),
  title: 'Sunset sail',
  departs: '2026-11-22T15:30',
  returns: '2026-11-22T18:00',
  ...changes,
})

test('times are San Diego’s, also across a change of the clocks', () => {
  expect(planOf(plan()).departs_at).toBe(Date.parse('2026-11-22T15:30:00-08:00') / 1000)
  for (const local of ['2026-03-08T01:59', '2026-03-08T03:00', '2026-07-01T12:00', '2026-11-01T00:30', '2026-11-01T03:00']) {
    expect(localText(momentAt(local, SAN_DIEGO)!, SAN_DIEGO)).toBe(local)
  }
  expect(momentAt('', SAN_DIEGO)).toBeNull()
  expect(momentAt('2026-13-01T00:00', SAN_DIEGO)).toBeNull()
})

test('what is read can be written again unchanged', () => {
  const sail = { ...planOf(plan()), event_id: 's1', state: 'created' as const }
  expect(planOf(fieldsOf(sail))).toEqual(planOf(plan()))
})

test('a plan is the same until one of its fields or one of its places is another', () => {
  expect(samePlan(plan(), plan())).toBe(true)
  expect(samePlan(plan(), plan({ guest_limit: 21 }))).toBe(false)
  expect(samePlan(plan(), plan({ slots: { ...plan().slots, chef: 1 } }))).toBe(false)
})

test.each<[string, Partial<PlanFields>, string[]]>([
  ['a whole plan', {}, []],
  ['no title', { title: '  ' }, ['/title']],
  ['a departure that is over', { departs: '2026-11-20T10:00' }, ['/departs_at']],
  ['a return before the departure', { returns: '2026-11-22T15:00' }, ['/returns_at']],
  ['a sail of three weeks', { returns: '2026-12-14T15:00' }, ['/returns_at']],
  ['nobody who commands', { slots: { ...newPlan('').slots, captain: 0 } }, ['/slots/captain']],
  ['a crowd', { slots: { captain: 20, first_officer: 20, deckhand: 1, steward: 0, chef: 0 } }, ['/slots']],
])('%s', (_name, changes, faults) => {
  expect(Object.keys(planFaults(plan(changes), NOW))).toEqual(faults)
})

describe('two people’s changes of one plan', () => {
  test('to different fields become one, and nobody’s is lost', () => {
    const mine = plan({ title: 'Anniversary' })
    const theirs = plan({ guest_limit: 30, slots: { ...plan().slots, deckhand: 3 } })
    const { fields, takenOver, clashes } = merge(plan(), mine, theirs)
    expect(fields).toEqual(plan({ title: 'Anniversary', guest_limit: 30, slots: { ...plan().slots, deckhand: 3 } }))
    expect(takenOver).toEqual(['Guests', 'Deckhands'])
    expect(clashes).toEqual([])
  })

  test('to the same field are both shown, and mine stands until I choose', () => {
    const theirs = plan({ departs: '2026-11-22T16:00' })
    const { fields, clashes } = merge(plan(), plan({ departs: '2026-11-22T15:00', title: 'Anniversary' }), theirs)
    expect(fields.departs).toBe('2026-11-22T15:00')
    expect(clashes).toEqual([{ key: 'departs', name: 'Departure', mine: '2026-11-22, 15:00', theirs: '2026-11-22, 16:00' }])
    expect(withTheirs(fields, theirs, clashes)).toEqual(plan({ departs: '2026-11-22T16:00', title: 'Anniversary' }))
  })

  test('that are the same are no conflict', () => {
    const changed = plan({ title: 'Anniversary' })
    expect(merge(plan(), changed, changed)).toEqual({ fields: changed, takenOver: [], clashes: [] })
  })
})
