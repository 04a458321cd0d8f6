import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

export interface Leaving {
  /** Whether the reader is asked right now. */
  asked: Readonly<Ref<boolean>>
  /** What the reader answers: true leaves the page. Without a question it does nothing. */
  answer: (leaves: boolean) => void
}

/**
 * Holds a page back while something of it is not saved. A way to another page of the application waits for the reader's
 * answer; before the document itself goes, the browser asks in its own words.
 */
export function useLeaving(isUnsaved: () => boolean): Leaving {
  const asked = ref(false)
  let settle: (leaves: boolean) => void = () => {}

  function answer(leaves: boolean): void {
    asked.value = false
    settle(leaves)
  }

  onBeforeRouteLeave(() => {
    if (!isUnsaved()) return true
    // Of two ways out the later one is meant.
    settle(false)
    asked.value = true
    return new Promise<boolean>((resolve) => (settle = resolve))
  })

  const hold = (event: BeforeUnloadEvent) => event.preventDefault()
  // Only while there is something to lose: a page that listens is not kept for the way back.
  watch(
    isUnsaved,
    (unsaved) => {
      if (unsaved) window.addEventListener('beforeunload', hold)
      else window.removeEventListener('beforeunload', hold)
    },
    { immediate: true },
  )
  onScopeDispose(() => window.removeEventListener('beforeunload', hold))
  return { asked: readonly(asked), answer }
}
