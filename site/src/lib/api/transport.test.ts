import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { listSails, sailsBetween, sunOfDay } from './sails'
import { endSession, readSession } from './session'
import { ANSWER_WITHIN_MS, ApiError, onSignedOut } from './transport'

type Server = (request: Request) => Promise<Response>

function serve(server: Server): void {
  vi.stubGlobal('fetch', server)
}

/** Never answers, and gives up when it is told to, as a real connection does. */
const silence: Server = (request) =>
  new Promise((_resolve, reject) => {
    request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
  })

const never = () => new AbortController().signal

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('asks the same origin, and hands over what it says', async () => {
  const asked: string[] = []
  serve(async (request) => {
    asked.push(request.url)
    return Response.json({ sails: [] })
  })
  expect(await listSails(1000, 1, never())).toEqual({ sails: [] })
  await sunOfDay('2026-03-08', never())
  expect(asked).toEqual(['http://localhost/api/sails?from=1000', 'http://localhost/api/sun?date=2026-03-08'])
})

test('puts several answers into one list, and says whether there is more', async () => {
  const world: Record<string, object> = { '': { sails: ['a'], next: 'p2' }, p2: { sails: ['b'], next: 'p3' }, p3: { sails: ['c'] } }
  serve(async (request) => Response.json(world[new URL(request.url).searchParams.get('after') ?? '']))
  expect(await listSails(1000, 2, never())).toEqual({ sails: ['a', 'b'], next: 'p3' })
  expect(await listSails(1000, 9, never())).toEqual({ sails: ['a', 'b', 'c'] })
})

describe('a missing answer has a reason', () => {
  const problem = (status: number): Server => async () =>
    new Response(JSON.stringify({ type: 'about:blank', title: 'No', status }), {
      status,
      headers: { 'content-type': 'application/problem+json' },
    })

  test.each<[string, Server, string, number | undefined]>([
    ['a rate limit', problem(429), 'busy', 429],
    ['an overloaded server', problem(503), 'busy', 503],
    ['nobody signed in', problem(401), 'signed_out', 401],
    ['somebody else’s work', problem(403), 'not_allowed', 403],
    ['an unknown address', problem(404), 'missing', 404],
    ['a thing that has moved on', problem(409), 'conflict', 409],
    ['another revision', problem(412), 'conflict', 412],
    ['a question too long', problem(413), 'refused', 413],
    ['a failing server', problem(500), 'broken', 500],
    ['a failing gateway that talks HTML', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }), 'broken', 502],
    ['a captive portal', async () => new Response('<!doctype html>', { status: 200 }), 'broken', undefined],
    ['an empty answer', async () => new Response(null, { status: 204 }), 'broken', 204],
    ['no connection', () => Promise.reject(new TypeError('Failed to fetch')), 'unreachable', undefined],
  ])('%s', async (_name, server, kind, status) => {
    serve(server)
    const failure = await listSails(1000, 1, never()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiError)
    expect(failure).toMatchObject({ kind, status })
  })

  test('silence, once the time is up', async () => {
    serve(silence)
    const outcome = listSails(1000, 1, never()).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS)
    expect(await outcome).toMatchObject({ kind: 'timed_out' })
  })
})

test('a caller who leaves ends the question, and it is no failure', async () => {
  serve(silence)
  const caller = new AbortController()
  const outcome = listSails(1000, 1, caller.signal).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(10)
  caller.abort()
  expect(await outcome).not.toBeInstanceOf(ApiError)
  expect(vi.getTimerCount()).toBe(0)
})

test('a month is asked for until its end', async () => {
  const sail = (departs_at: number) => ({ departs_at })
  const asked: string[] = []
  serve(async (request) => {
    const { search, searchParams } = new URL(request.url)
    asked.push(search)
    return Response.json(searchParams.has('after') ? { sails: [sail(25)] } : { sails: [sail(10)], next: 'p2' })
  })
  expect(await sailsBetween(10, 30)).toEqual([sail(10), sail(25)])
  expect(asked).toEqual(['?from=10&until=29&limit=50', '?from=10&until=29&limit=50&after=p2'])
})

test('a session that is over is told once to whoever listens', async () => {
  const heard = vi.fn()
  const stop = onSignedOut(heard)
  serve(async () => new Response('{"type":"about:blank","title":"Unauthorized","status":401}', { status: 401 }))
  await readSession().catch(() => undefined)
  expect(heard).toHaveBeenCalledTimes(1)
  stop()
  await readSession().catch(() => undefined)
  expect(heard).toHaveBeenCalledTimes(1)
})

test('an answer without a body is enough where nothing is asked back', async () => {
  const asked: Request[] = []
  serve(async (request) => {
    asked.push(request)
    return new Response(null, { status: 204 })
  })
  await endSession()
  expect(asked[0]?.method).toBe('DELETE')
  expect(asked[0]?.headers.get('x-crew-request')).toBe('1')
})
