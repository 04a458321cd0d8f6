import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { ApiError } from './api/transport'
import { newKey } from './newKey'
import { asFailure } from './words/failures'

/** What became of something the reader asked for. */
export type Progress = { kind: 'idle' } | { kind: 'busy' } | { kind: 'done' } | { kind: 'failed'; failure: ApiError }

export interface Action<A extends unknown[]> {
  progress: Readonly<ShallowRef<Progress>>
  busy: ComputedRef<boolean>
  failure: ComputedRef<ApiError | null>
  /** Does it, unless it is under way. Never rejects; true when it was done. */
  run: (...given: A) => Promise<boolean>
  /** As if nothing had been asked for. */
  reset: () => void
}

/** Something that a reader asks for: under way, done, or not done and why. A second press while it is under way does nothing. */
export function useAction<A extends unknown[]>(perform: (...given: A) => Promise<unknown>): Action<A> {
  const progress = shallowRef<Progress>({ kind: 'idle' })
  async function run(...given: A): Promise<boolean> {
    if (progress.value.kind === 'busy') return false
    progress.value = { kind: 'busy' }
    try {
      await perform(...given)
      progress.value = { kind: 'done' }
      return true
    } catch (cause) {
      progress.value = { kind: 'failed', failure: asFailure(cause) }
      return false
    }
  }
  return {
    progress,
    busy: computed(() => progress.value.kind === 'busy'),
    failure: computed(() => (progress.value.kind === 'failed' ? progress.value.failure : null)),
    run,
    reset: () => void (progress.value = { kind: 'idle' }),
  }
}

/**
 * The same for requests that carry a key of their own. As long as nobody knows whether it was done, the same wish is
 * sent under the same key; after a definite answer the next one has a new key.
 */
export function useKeyedAction<A extends unknown[]>(perform: (key: string, ...given: A) => Promise<unknown>): Action<A> {
  let pending: { wish: string; key: string } | null = null
  return useAction(async (...given: A) => {
    const wish = JSON.stringify(given)
    if (pending?.wish !== wish) pending = { wish, key: newKey() }
    try {
      const outcome = await perform(pending.key, ...given)
      pending = null
      return outcome
    } catch (cause) {
      if (!asFailure(cause).isPassing) pending = null
      throw cause
    }
  })
}
