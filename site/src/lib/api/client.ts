// The one place that talks to the server. Everything else gets values or an ApiError.
import createClient from 'openapi-fetch'
import type { CalendarDay, EpochSeconds } from '../time/zone'
import type { components, paths } from './schema'

export type Sail = components['schemas']['SailEntry']
export type SailList = components['schemas']['SailList']
export type Session = components['schemas']['SessionEntry']
export type Slot = components['schemas']['SlotEntry']
export type SunDay = components['schemas']['SunDay']

/**
 * Why there is no answer.
 *
 * - `unreachable`: no connection, or it broke.
 * - `timed_out`: nothing within {@link ANSWER_WITHIN_MS}.
 * - `busy`: the server asks for a pause (429, 503).
 * - `refused`: the server does not accept the question (any other 4xx).
 * - `broken`: the server failed, or answered something that is not the API's.
 */
export type FailureKind = 'unreachable' | 'timed_out' | 'busy' | 'refused' | 'broken'

export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly kind: FailureKind,
    /** The HTTP status, when there was an answer. */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(status === undefined ? kind : `${kind} (${status})`, options)
  }
}

/** Milliseconds until a question counts as lost: a cold server on one bar of signal answers in about 4 s. */
export const ANSWER_WITHIN_MS = 12_000

/**
 * The sails that depart from a moment on, soonest first: as many answers of the server as asked for, in one list.
 * `next` is there when the server has more.
 */
export async function listSails(from: EpochSeconds, answers: number, signal: AbortSignal): Promise<SailList> {
  const sails: Sail[] = []
  let next: string | undefined
  for (let count = 0; count < answers; count += 1) {
    const query = next === undefined ? { from } : { from, after: next }
    const part = await answer(signal, (within) => client.GET('/api/sails', { params: { query }, signal: within }))
    sails.push(...part.sails)
    next = part.next ?? undefined
    if (next === undefined) break
  }
  return next === undefined ? { sails } : { sails, next }
}

/** Sunrise, sunset and twilight in San Diego on a day. */
export function sunOfDay(date: CalendarDay, signal: AbortSignal): Promise<SunDay> {
  return answer(signal, (within) => client.GET('/api/sun', { params: { query: { date } }, signal: within }))
}

/** Signs in by the token of a mail's link. The session is a cookie that no script reads. */
export function redeemLink(token: string, signal: AbortSignal): Promise<Session> {
  const body = { token, session: 'cookie' } as const
  return answer(signal, (within) => client.POST('/api/auth/links/redemption', { body, signal: within }))
}

const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  // Looked up at each call, so that a test can stand in for the network.
  fetch: async (request) => globalThis.fetch(await ours(request)),
})

/** A request that changes something says that this site sends it, and what it sends: the CDN signs only a body that is told. */
async function ours(request: Request): Promise<Request> {
  if (request.method === 'GET') return request
  const body = await request.clone().arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  request.headers.set('x-amz-content-sha256', [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
  request.headers.set('x-crew-request', '1')
  return request
}

type Outcome<T> = { data?: T; response: Response }

/** Asks with a time limit. Rejects with an ApiError, or with the caller's own abort. */
async function answer<T>(caller: AbortSignal, ask: (within: AbortSignal) => Promise<Outcome<T>>): Promise<T> {
  const limit = new AbortController()
  const abort = () => limit.abort(caller.reason)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    limit.abort()
  }, ANSWER_WITHIN_MS)
  caller.addEventListener('abort', abort)
  try {
    caller.throwIfAborted()
    const { data, response } = await ask(limit.signal)
    if (!response.ok) throw new ApiError(kindOfStatus(response.status), response.status)
    if (data === undefined) throw new ApiError('broken', response.status)
    return data
  } catch (cause) {
    if (caller.aborted || cause instanceof ApiError) throw cause
    if (timedOut) throw new ApiError('timed_out', undefined, { cause })
    // A body that is not JSON: something between us and the API answered, a captive portal for instance.
    if (cause instanceof SyntaxError) throw new ApiError('broken', undefined, { cause })
    throw new ApiError('unreachable', undefined, { cause })
  } finally {
    clearTimeout(timer)
    caller.removeEventListener('abort', abort)
  }
}

function kindOfStatus(status: number): FailureKind {
  if (status === 429 || status === 503) return 'busy'
  return status >= 400 && status < 500 ? 'refused' : 'broken'
}
