import { nextTick, shallowRef, watch, type ShallowRef } from 'vue'
import { useRoute, useRouter, type RouteLocationRaw } from 'vue-router'
import { keep, type QueuedWaiver } from '../../lib/keep/database'
import { useOutbox } from '../../stores/outbox'
import { correctionDraft } from './draftNames'

/** The page on which a refused waiver is put right. Its key is this device's own. */
export function correctionOf({ id, place }: Pick<QueuedWaiver, 'id' | 'place'>): RouteLocationRaw {
  return place.kind === 'guest'
    ? { path: '/waiver', query: { correct: id }, hash: `#${place.link}` }
    : { path: `/sails/${place.event_id}/waiver`, query: { correct: id } }
}

export interface Correction {
  /** The refused waiver that the page's address names; `null`: somebody signs a new one. */
  refused: Readonly<ShallowRef<QueuedWaiver | null>>
  /** It is signed: the page is one to sign on again. */
  end: () => Promise<void>
  /** Nothing of it stays on this device. */
  drop: () => Promise<void>
}

/** What a waiver page puts right. It stays as it was found until it ends: signing takes it off the device before its form is done. */
export function useCorrection(): Correction {
  const outbox = useOutbox()
  const route = useRoute()
  const router = useRouter()
  const refused = shallowRef<QueuedWaiver | null>(null)
  watch(
    () => outbox.refusedWaivers.find((each) => router.resolve(correctionOf(each)).fullPath === route.fullPath),
    (found) => {
      if (found) refused.value = found
    },
    { immediate: true },
  )

  async function end(): Promise<void> {
    refused.value = null
    await router.replace({ query: {}, hash: route.hash })
  }

  async function drop(): Promise<void> {
    const id = refused.value?.id
    await end()
    if (id === undefined) return
    // The form that goes keeps its draft once more.
    await nextTick()
    await keep.remove('drafts', correctionDraft(id))
    await outbox.dropWaiver(id)
  }

  return { refused, end, drop }
}
