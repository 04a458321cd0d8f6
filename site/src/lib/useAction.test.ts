import { expect, test } from 'vitest'
import { ApiError } from './api/transport'
import { useAction, useKeyedAction } from './useAction'
import { failureText, fieldFaults } from './words/failures'

test('a second press while it is under way does nothing', async () => {
  let finish = () => {}
  let times = 0
  const action = useAction(() => {
    times += 1
    return new Promise<void>((resolve) => (finish = resolve))
  })
  const first = action.run()
  expect(action.busy.value).toBe(true)
  expect(await action.run()).toBe(false)
  finish()
  expect(await first).toBe(true)
  expect(times).toBe(1)
})

test('the same wish keeps its key until its outcome is known', async () => {
  const keys: string[] = []
  const outcomes = [new ApiError('timed_out'), new ApiError('unreachable'), new ApiError('conflict', 409), null, null]
  const action = useKeyedAction(async (key: string, _slot: string) => {
    keys.push(key)
    const failure = outcomes.shift()
    if (failure) throw failure
  })
  for (const slot of ['a', 'a', 'a', 'a', 'b']) await action.run(slot)
  expect(keys[0]).toBe(keys[1])
  expect(keys[1]).toBe(keys[2])
  expect(new Set(keys).size).toBe(3)
})

test('another wish has another key, whatever became of the first', async () => {
  const keys: string[] = []
  const action = useKeyedAction(async (key: string, _slot: string) => {
    keys.push(key)
    throw new ApiError('timed_out')
  })
  await action.run('a')
  await action.run('b')
  expect(keys[0]).not.toBe(keys[1])
})

test('a failure is told in the reader’s words, and fields with theirs', () => {
  const problem = { type: 'urn:problem:invalid-fields', title: 'No', status: 400, errors: [{ field: '/returns_at', detail: 'is not after `departs_at`' }] }
  const failure = new ApiError('refused', 400, problem)
  expect(failureText(failure)).toContain('Look at the fields')
  expect(fieldFaults(failure)).toEqual({ '/returns_at': 'This is not after departs_at.' })
  expect(failureText(new ApiError('busy', 429, { type: 'about:blank', title: 'x', status: 429, retry_after_seconds: 30 }))).toContain('30 seconds')
})
