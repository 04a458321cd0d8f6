import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiError } from './api/transport'
import { keepAnswer, keptAnswer } from './keep/answers'
import type { EpochSeconds } from './time/zone'
import { present } from './useNow'

/** What a page knows about something it asked the server for. */
export type Loaded<T> =
  | { kind: 'loading' }
  | { kind: 'failed'; failure: ApiError }
  /** `failure` is why the last attempt to renew the value did not succeed; the value is still the last known. */
  | { kind: 'ready'; value: T; loadedAt: EpochSeconds; failure: ApiError | null }

export interface Resource<T> {
  state: Readonly<ShallowRef<Loaded<T>>>
  /** An answer is awaited; also while an earlier value or failure is on show. */
  busy: Readonly<Ref<boolean>>
  /** Asks again, dropping a question still under way. Never rejects. */
  reload: () => Promise<void>
  /** Takes over a value that another answer has told. */
  set: (value: T) => void
}

export interface ResourceOptions {
  /** The name under which this device keeps the answer, to show it without a signal. Absent: it is not kept. */
  keepAs?: () => string | null
  /** Asks again every so many seconds while the page is looked at. Absent: only when it comes back into view. */
  renewSeconds?: number
}

/** Seconds after which a page that comes back into view asks again. */
const FRESH_FOR_SECONDS = 60

/**
 * Loads at once, again when the connection returns after a failure, and again when the page comes back into
 * view with an old value. What is kept on the device is shown until the answer comes. The question is aborted when
 * the component goes.
 */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, options: ResourceOptions = {}): Resource<T> {
  const state = shallowRef<Loaded<T>>({ kind: 'loading' })
  const busy = ref(false)
  let question = new AbortController()
  const name = () => options.keepAs?.() ?? null

  async function showKept(within: AbortSignal): Promise<void> {
    const key = name()
    const kept = key === null ? null : await keptAnswer<T>(key)
    if (kept === null || within.aborted || state.value.kind === 'ready') return
    const failure = state.value.kind === 'failed' ? state.value.failure : null
    state.value = { kind: 'ready', value: kept.value, loadedAt: kept.at, failure }
  }

  function set(value: T): void {
    state.value = { kind: 'ready', value, loadedAt: present(), failure: null }
    const key = name()
    if (key !== null) void keepAnswer(key, value)
  }

  async function reload(): Promise<void> {
    question.abort()
    const mine = (question = new AbortController())
    busy.value = true
    if (state.value.kind === 'loading') void showKept(mine.signal)
    try {
      const value = await load(mine.signal)
      if (mine.signal.aborted) return
      set(value)
    } catch (cause) {
      if (mine.signal.aborted) return
      const failure = cause instanceof ApiError ? cause : new ApiError('broken', undefined, undefined, { cause })
      state.value = state.value.kind === 'ready' ? { ...state.value, failure } : { kind: 'failed', failure }
    }
    busy.value = false
  }

  function failing(): boolean {
    return state.value.kind === 'failed' || (state.value.kind === 'ready' && state.value.failure !== null)
  }
  function onOnline() {
    if (failing()) void reload()
  }
  function onVisible() {
    if (document.visibilityState !== 'visible' || busy.value) return
    const old = state.value.kind === 'ready' && present() - state.value.loadedAt > FRESH_FOR_SECONDS
    if (old || failing()) void reload()
  }
  function onBeat() {
    if (document.visibilityState === 'visible' && navigator.onLine && !busy.value) void reload()
  }
  window.addEventListener('online', onOnline)
  document.addEventListener('visibilitychange', onVisible)
  const beat = options.renewSeconds === undefined ? undefined : setInterval(onBeat, options.renewSeconds * 1000)
  onScopeDispose(() => {
    question.abort()
    clearInterval(beat)
    window.removeEventListener('online', onOnline)
    document.removeEventListener('visibilitychange', onVisible)
  })

  void reload()
  return { state, busy, reload, set }
}

/** The value, as far as it is known. */
export function valueOf<T>(resource: Resource<T>): T | null {
  return resource.state.value.kind === 'ready' ? resource.state.value.value : null
}
