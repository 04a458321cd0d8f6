import { onScopeDispose, ref, watch, type Ref } from 'vue'
import type { WaiverPlace } from '../../lib/api/waivers'
import { keep } from '../../lib/keep/database'
import { present } from '../../lib/useNow'
import { emptyFields, type WaiverFields } from './waiver'

/** Milliseconds after the last key until a draft is kept. */
const KEEP_AFTER_MS = 400

export interface WaiverDraft {
  fields: Ref<WaiverFields>
  /** Whether an earlier draft was found on this device. */
  isOld: Ref<boolean>
  /** Nothing of it stays on this device. */
  forget: () => Promise<void>
}

/** The name of a draft. It holds health information: one of the crew's is that person's alone, whoever uses the device next. */
export function draftName(place: WaiverPlace, person_id: string | undefined): string {
  return place.kind === 'guest' ? place.link : `${place.event_id}/${person_id ?? ''}`
}

/** The fields of a waiver page, kept on this device while they are filled in: a lost connection or a closed page loses none. */
export function useDraft(page: string): WaiverDraft {
  const fields = ref<WaiverFields>(emptyFields())
  const isOld = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isKeeping = false
  let isGone = false
  let unwatch = () => {}

  void keep.get('drafts', page).then((draft) => {
    if (draft) {
      fields.value = { ...emptyFields(), ...(draft.fields as Partial<WaiverFields>) }
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
    clearTimeout(timer)
    if (isKeeping) void keep.put('drafts', { page, fields: fields.value, at: present() })
    isKeeping = false
  }

  async function forget(): Promise<void> {
    clearTimeout(timer)
    isKeeping = false
    await keep.remove('drafts', page)
    fields.value = emptyFields()
    isOld.value = false
    // What the watcher of the emptied fields wants to keep is nothing.
    queueMicrotask(() => {
      clearTimeout(timer)
      isKeeping = false
    })
  }

  document.addEventListener('visibilitychange', put)
  onScopeDispose(() => {
    put()
    isGone = true
    unwatch()
    document.removeEventListener('visibilitychange', put)
  })
  return { fields, isOld, forget }
}
