import { afterEach, describe, expect, test, vi } from 'vitest'
import { keep, type QueuedTick } from './database'

const tick = (entry_id: string, done: boolean): QueuedTick => ({ person_id: 'dina', event_id: 's1', entry_id, done, at: 1 })
const key = (entry_id: string): [string, string, string] => ['dina', 's1', entry_id]

/** From now on the device does not do such a change, or only so many times. */
function refuse(change: 'put' | 'delete' | 'clear', times = Number.POSITIVE_INFINITY): void {
  const real = IDBObjectStore.prototype[change] as (...given: never[]) => IDBRequest
  let left = times
  vi.spyOn(IDBObjectStore.prototype, change).mockImplementation(function (this: IDBObjectStore, ...given: unknown[]) {
    left -= 1
    if (left >= 0) throw new DOMException('no room', 'QuotaExceededError')
    return real.apply(this, given as never[])
  } as never)
}

afterEach(() => void vi.restoreAllMocks())

describe('on a full device', () => {
  test('what was written last is read, alone and among all, over what the device still holds', async () => {
    await keep.put('ticks', tick('engine', true))
    refuse('put')
    await keep.put('ticks', tick('engine', false))
    await keep.put('ticks', tick('lines', true))
    expect(await keep.get('ticks', key('engine'))).toEqual(tick('engine', false))
    expect(await keep.all('ticks')).toEqual([tick('engine', false), tick('lines', true)])
  })

  test('what fits again is kept, and nothing older comes back', async () => {
    refuse('put', 2)
    await keep.put('ticks', tick('engine', false))
    await keep.put('ticks', tick('engine', true))
    vi.restoreAllMocks()
    await keep.remove('ticks', key('engine'))
    expect(await keep.all('ticks')).toEqual([])
    expect(await keep.get('ticks', key('engine'))).toBeUndefined()
  })

  test('answers of the server make room for what somebody has done', async () => {
    await keep.put('answers', { name: 'sails', value: [], at: 1 })
    refuse('put', 1)
    await keep.put('ticks', tick('engine', true))
    expect(await keep.all('answers')).toEqual([])
    expect(await keep.all('ticks')).toEqual([tick('engine', true)])
  })
})

describe('where the device does not remove', () => {
  test('what was removed is gone', async () => {
    await keep.put('ticks', tick('engine', true))
    await keep.put('ticks', tick('lines', true))
    refuse('delete')
    await keep.remove('ticks', key('engine'))
    expect(await keep.get('ticks', key('engine'))).toBeUndefined()
    expect(await keep.all('ticks')).toEqual([tick('lines', true)])
  })

  test('a cleared shelf is empty, and takes what comes after', async () => {
    await keep.put('answers', { name: 'sails', value: [], at: 1 })
    refuse('clear')
    await keep.clear('answers')
    expect(await keep.get('answers', 'sails')).toBeUndefined()
    expect(await keep.all('answers')).toEqual([])
    await keep.put('answers', { name: 'crew', value: [], at: 2 })
    expect(await keep.all('answers')).toEqual([{ name: 'crew', value: [], at: 2 }])
  })
})
