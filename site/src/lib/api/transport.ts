// The one place that talks to the server. The nouns beside it say what is asked; everything else gets values or an ApiError.
import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Problem = Schemas['Problem']

/**
 * Why there is no answer.
 *
 * - `unreachable`: no connection, or it broke.
 * - `timed_out`: nothing within {@link ANSWER_WITHIN_MS}.
 * - `busy`: the server asks for a pause (429, 503).
 * - `signed_out`: nobody is signed in, or no longer (401).
 * - `not_allowed`: somebody else may do this (403).
 * - `missing`: there is no such thing (404).
 * - `conflict`: not as things stand; the problem's `type` says why (409, 412, 422).
 * - `refused`: the server does not accept the question (any other 4xx).
 * - `broken`: the server failed, or answered something that is not the API's.
 */
export type FailureKind =
  | 'unreachable'
  | 'timed_out'
  | 'busy'
  | 'signed_out'
  | 'not_allowed'
  | 'missing'
  | 'conflict'
  | 'refused'
  | 'broken'

export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly kind: FailureKind,
    /** The HTTP status, when there was an answer. */
    readonly status?: number,
    /** What the server said, when it was the API. */
    readonly problem?: Problem,
    options?: ErrorOptions,
  ) {
    super(status === undefined ? kind : `${kind} (${status})`, options)
  }

  /** No answer, or a request for a pause: the same question may well be answered later. */
  get isPassing(): boolean {
    return ['unreachable', 'timed_out', 'busy', 'broken'].includes(this.kind)
  }
}

/** Milliseconds until a question counts as lost: a cold server on one bar of signal answers in about 4 s. */
export const ANSWER_WITHIN_MS = 12_000

/** A value with the revision that it shows, to be given back as `If-Match`. */
export interface Revised<T> {
  value: T
  revision: string
}

export const client = createClient<paths>({
  baseUrl: globalThis.location.origin,
  // Looked up at each call, so that a test can stand in for the network.
  fetch: async (request) => globalThis.fetch(await ours(request)),
})

/** A request that changes something says that this site sends it, and what it sends: the CDN signs only a body that is told. */
async function ours(request: Request): Promise<Request> {
  if (request.method === 'GET') return request
  request.headers.set('x-crew-request', '1')
  const body = await request.clone().arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body))
  request.headers.set('x-amz-content-sha256', [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
  return request
}

const listeners = new Set<() => void>()

/** Tells when an answer was 401: the session is over, wherever the question came from. Returns how to stop. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}
type Question<T> = (within: AbortSignal) => Promise<Outcome<T>>

/** The answer's value. */
export async function answer<T>(caller: AbortSignal | undefined, ask: Question<T>): Promise<T> {
  return (await outcome(caller, ask)).data
}

/** The answer's value and its revision. */
export async function revised<T>(caller: AbortSignal | undefined, ask: Question<T>): Promise<Revised<T>> {
  const { data, response } = await outcome(caller, ask)
  return { value: data, revision: response.headers.get('etag') ?? '' }
}

/** Nothing but that it was done: for answers without a body. */
export async function done(ask: Question<unknown>): Promise<void> {
  await within(undefined, async (signal) => failed(await ask(signal)))
}

async function outcome<T>(caller: AbortSignal | undefined, ask: Question<T>) {
  return within(caller, async (signal) => {
    const given = await ask(signal)
    failed(given)
    const { data, response } = given
    if (data === undefined) throw new ApiError('broken', response.status)
    return { data, response }
  })
}

/** Throws what an answer that is no success means. */
function failed({ response, error }: Outcome<unknown>): void {
  if (response.ok) return
  const kind = kindOfStatus(response.status)
  if (kind === 'signed_out') listeners.forEach((listener) => listener())
  throw new ApiError(kind, response.status, isProblem(error) ? error : undefined)
}

/** Asks with a time limit. Rejects with an ApiError, or with the caller's own abort. */
async function within<T>(caller: AbortSignal | undefined, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController()
  const abort = () => limit.abort(caller?.reason)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    limit.abort()
  }, ANSWER_WITHIN_MS)
  caller?.addEventListener('abort', abort)
  try {
    caller?.throwIfAborted()
    return await ask(limit.signal)
  } catch (cause) {
    if (caller?.aborted || cause instanceof ApiError) throw cause
    if (timedOut) throw new ApiError('timed_out', undefined, undefined, { cause })
    // A body that is not JSON: something between us and the API answered, a captive portal for instance.
    if (cause instanceof SyntaxError) throw new ApiError('broken', undefined, undefined, { cause })
    throw new ApiError('unreachable', undefined, undefined, { cause })
  } finally {
    clearTimeout(timer)
    caller?.removeEventListener('abort', abort)
  }
}

const KINDS: Record<number, FailureKind> = {
  401: 'signed_out',
  403: 'not_allowed',
  404: 'missing',
  409: 'conflict',
  412: 'conflict',
  422: 'conflict',
  429: 'busy',
  503: 'busy',
}

function kindOfStatus(status: number): FailureKind {
  return KINDS[status] ?? (status >= 400 && status < 500 ? 'refused' : 'broken')
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'type' in value && 'title' in value
}
