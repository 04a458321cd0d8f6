import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { WaiverReceipt } from '../../lib/api/waivers'
import { keep } from '../../lib/keep/database'
import { keptReceipts, type KeptReceipt } from '../../lib/keep/receipts'
import { useOutbox } from '../../stores/outbox'

/** Who has signed, and what the server answered; `null`: it waits for a signal. */
export interface Signed {
  name: string
  receipt: WaiverReceipt | null
}

export interface SignedHere {
  /** The latest first. */
  signed: ComputedRef<Signed[]>
  /** Whether somebody had begun to fill in the form when the page was opened. */
  hasBegun: Ref<boolean>
  /** Whether this device has been looked through. */
  isKnown: Ref<boolean>
  /** Looks again. */
  look: () => Promise<void>
}

/** Who has signed by a guest's link on this device. Families share a phone. */
export function useSignedHere(link: string): SignedHere {
  const outbox = useOutbox()
  const taken = shallowRef<KeptReceipt[]>([])
  const hasBegun = ref(false)
  const isKnown = ref(false)
  const signed = computed<Signed[]>(() => {
    const here = outbox.waitingWaivers.filter(({ place }) => place.kind === 'guest' && place.link === link)
    const waiting = here.sort((a, b) => b.signed_at - a.signed_at)
    return [...waiting.map(({ form }) => ({ name: form.name, receipt: null })), ...taken.value]
  })

  async function look(): Promise<void> {
    taken.value = await keptReceipts(link)
  }

  async function begin(): Promise<void> {
    hasBegun.value = (await keep.get('drafts', link)) !== undefined
    await look()
    isKnown.value = true
  }

  // What waited may be taken while the page is open.
  watch(() => outbox.signed, look)
  void begin()
  return { signed, hasBegun, isKnown, look }
}
