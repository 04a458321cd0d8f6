import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import type { EpochSeconds } from './time/zone'

/** Seconds between two looks at the clock: a countdown in minutes is never more than half a minute off. */
const TICK_SECONDS = 20

/** The present, in epoch seconds, kept current while the component lives and when the page comes back into view. */
export function useNow(): Readonly<Ref<EpochSeconds>> {
  const now = ref(present())
  const tick = () => {
    now.value = present()
  }
  const timer = setInterval(tick, TICK_SECONDS * 1000)
  document.addEventListener('visibilitychange', tick)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return readonly(now)
}

/** The device's clock in whole epoch seconds. */
export function present(): EpochSeconds {
  return Math.floor(Date.now() / 1000)
}
