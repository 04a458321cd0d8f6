import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { ApiError } from './api/client'
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
}

/** Seconds after which a page that comes back into view asks again. */
const FRESH_FOR_SECONDS = 60

/**
 * Loads at once, again when the connection returns after a failure, and again when the page comes back into
 * view with an old value. The question is aborted when the component goes.
 */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const state = shallowRef<Loaded<T>>({ kind: 'loading' })
  const busy = ref(false)
  let question = new AbortController()

  async function reload(): Promise<void> {
    question.abort()
    const mine = (question = new AbortController())
    busy.value = true
    try {
      const value = await load(mine.signal)
      if (mine.signal.aborted) return
      state.value = { kind: 'ready', value, loadedAt: present(), failure: null }
    } catch (cause) {
      if (mine.signal.aborted) return
      const failure = cause instanceof ApiError ? cause : new ApiError('broken', undefined, { cause })
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
  window.addEventListener('online', onOnline)
  document.addEventListener('visibilitychange', onVisible)
  onScopeDispose(() => {
    question.abort()
    window.removeEventListener('online', onOnline)
    document.removeEventListener('visibilitychange', onVisible)
  })

  void reload()
  return { state, busy, reload }
}
