import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { present } from './useNow'
import { keep } from './keep/database'

/** Milliseconds after the last key until a draft is kept. */
const KEEP_AFTER_MS = 400

export interface KeptDraft<T> {
  fields: Ref<T>
  /** Whether an earlier draft was found on this device. */
  isOld: Ref<boolean>
  /** Settles once an earlier draft has been looked for. */
  ready: Promise<void>
  /** Nothing of it stays on this device; what is on the page stays there. */
  forget: () => Promise<void>
  /** As if the page had been opened for the first time, with these fields or those that it begins with. */
  startOver: (from?: T) => Promise<void>
}

/**
 * What is typed or changed on a page, kept on this device until it is sent: a lost connection, a closed page or a phone
 * that needs its memory loses none. `begin` makes what a page without a draft begins with; what is not `worthKeeping` is
 * no draft.
 */
export function useDraft<T extends object>(page: string, begin: () => T, worthKeeping: (fields: T) => boolean = () => true): KeptDraft<T> {
  const fields = ref(begin()) as Ref<T>
  const isOld = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isKeeping = false
  let isGone = false
  let unwatch = () => {}

  const ready = keep.get('drafts', page).then((draft) => {
    if (draft) {
      fields.value = { ...begin(), ...(draft.fields as Partial<T>) }
      isOld.value = true
    }
    if (!isGone) unwatch = watch(fields, later, { deep: true })
  })

  function later(): void {
    isKeeping = true
    clearTimeout(timer)
    timer = setTimeout(put, KEEP_AFTER_MS)
  }

  function put(): void {
    if (isKeeping) void (worthKeeping(fields.value) ? keep.put('drafts', { page, fields: fields.value, at: present() }) : keep.remove('drafts', page))
    rest()
  }

  function rest(): void {
    clearTimeout(timer)
    isKeeping = false
  }

  async function forget(): Promise<void> {
    rest()
    await keep.remove('drafts', page)
  }

  async function startOver(from: T = begin()): Promise<void> {
    await forget()
    fields.value = from
    isOld.value = false
    // What the watcher of the new fields wants to keep is nothing.
    queueMicrotask(rest)
  }

  document.addEventListener('visibilitychange', put)
  onScopeDispose(() => {
    put()
    isGone = true
    unwatch()
    document.removeEventListener('visibilitychange', put)
  })
  return { fields, isOld, ready, forget, startOver }
}
