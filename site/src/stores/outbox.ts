import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { sendTicks, type Checklist, type Tick } from '../lib/api/checklist'
import { ApiError } from '../lib/api/transport'
import { signWaiver, type WaiverForm, type WaiverPlace, type WaiverReceipt } from '../lib/api/waivers'
import { keep, type QueuedTick, type QueuedWaiver } from '../lib/keep/database'
import { keepReceipt } from '../lib/keep/receipts'
import { newKey } from '../lib/newKey'
import type { EpochSeconds } from '../lib/time/zone'
import { present } from '../lib/useNow'
import { asFailure, failureText, fieldFaults } from '../lib/words/failures'
import { afterMiss, isOwnedBy, refusedOf, sameTick, waitingOf } from './outboxRules'
import { useSession } from './session'

/** What was done without a signal: it waits on this device and is sent once, when the signal is back. */
export const useOutbox = defineStore('outbox', () => {
  const session = useSession()
  const ticks = shallowRef<QueuedTick[]>([])
  const waivers = shallowRef<QueuedWaiver[]>([])
  const sending = ref(false)
  /** The lists that the server answered ticks with, by sail: whoever shows one takes it over. */
  const answered = shallowRef<{ event_id: string; list: Checklist } | null>(null)
  /** The place whose waiver the server has taken last: whoever shows who has signed there looks again. */
  const signed = shallowRef<WaiverPlace | null>(null)
  let misses = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const mine = computed(() => session.person?.person_id ?? null)
  const waitingTicks = computed(() => waitingOf(ticks.value, mine.value))
  const waitingWaivers = computed(() => waitingOf(waivers.value, mine.value))
  const waiting = computed(() => waitingTicks.value.length + waitingWaivers.value.length)
  /** What the server does not take. Its owner decides what becomes of it. */
  const refusedTicks = computed(() => refusedOf(ticks.value, mine.value))
  const refusedWaivers = computed(() => refusedOf(waivers.value, mine.value))
  /** How much of it all is the own: a guest's waiver is sent whoever is here, or nobody. */
  const ownUnsent = computed(() => [...ticks.value, ...waivers.value].filter((each) => isOwnedBy(each, mine.value)).length)

  /** Reads what waits from an earlier visit, and sends it. */
  async function start(): Promise<void> {
    await look()
    window.addEventListener('online', onReturn)
    document.addEventListener('visibilitychange', onReturn)
    watch(mine, () => void send())
    void send()
  }

  onScopeDispose(() => {
    clearTimeout(timer)
    window.removeEventListener('online', onReturn)
    document.removeEventListener('visibilitychange', onReturn)
  })

  function onReturn(): void {
    if (document.visibilityState !== 'visible') return
    misses = 0
    void look().then(send)
  }

  async function look(): Promise<void> {
    ;[ticks.value, waivers.value] = await Promise.all([keep.all('ticks'), keep.all('waivers')])
  }

  /**
   * Ticks an entry, or takes the tick back that was made at `since`: later than that also by a clock that is slow, for the
   * later mark counts. It is on the device before anything is sent.
   */
  async function tick(event_id: string, entry_id: string, done: boolean, since?: EpochSeconds | null): Promise<void> {
    if (mine.value === null) return
    const at = Math.max(present(), (since ?? 0) + 1)
    const queued: QueuedTick = { person_id: mine.value, event_id, entry_id, done, at }
    await keep.put('ticks', queued)
    await look()
    void send()
  }

  /**
   * Signs a waiver: now, or as soon as there is a signal. `null`: it waits. Rejects when the server does not take it.
   * `corrects` is the key of the refused one that it takes the place of.
   */
  async function sign(place: WaiverPlace, form: WaiverForm, corrects?: string): Promise<WaiverReceipt | null> {
    try {
      const receipt = await signWaiver(place, form)
      await noteSigned(place, form, receipt)
      if (corrects !== undefined) await dropWaiver(corrects)
      return receipt
    } catch (cause) {
      if (!(cause instanceof ApiError) || !cause.isPassing) throw cause
      const owner = place.kind === 'crew' && mine.value !== null ? { person_id: mine.value } : {}
      await keep.put('waivers', { id: corrects ?? newKey(), place, form, signed_at: present(), ...owner })
      await look()
      later()
      return null
    }
  }

  async function noteSigned(place: WaiverPlace, form: WaiverForm, receipt: WaiverReceipt): Promise<void> {
    if (place.kind === 'guest') await keepReceipt(place.link, form.name, receipt)
    signed.value = place
  }

  /** Sends what waits. One tab at a time; the others find it gone. */
  async function send(): Promise<void> {
    if (sending.value || waiting.value === 0 || !navigator.onLine) return
    sending.value = true
    try {
      await alone(async () => {
        await look()
        await sendAllTicks()
        await sendAllWaivers()
      })
      misses = 0
    } catch (cause) {
      const failure = asFailure(cause)
      // Who is signed out sends when they are back; everything else passes.
      if (failure.kind !== 'signed_out') later()
    } finally {
      await look()
      sending.value = false
    }
    // What was ticked while the last ones were on their way.
    if (misses === 0 && waiting.value > 0) later()
  }

  async function sendAllTicks(): Promise<void> {
    for (const event_id of new Set(waitingTicks.value.map((each) => each.event_id))) {
      const batch = waitingTicks.value.filter((each) => each.event_id === event_id)
      const body = batch.map(({ entry_id, done, at }): Tick => ({ entry_id, done, at }))
      try {
        answered.value = { event_id, list: await sendTicks(event_id, body) }
        for (const sent of batch) if (await isHeld(sent)) await keep.remove('ticks', keyOf(sent))
      } catch (cause) {
        const refused = failureText(definite(cause))
        for (const sent of batch) if (await isHeld(sent)) await keep.put('ticks', { ...sent, refused })
      }
    }
  }

  /** A tick that was changed while it was on its way is another one, and stays as it is. */
  async function isHeld(sent: QueuedTick): Promise<boolean> {
    const held = await keep.get('ticks', keyOf(sent))
    return held !== undefined && sameTick(held, sent)
  }

  async function sendAllWaivers(): Promise<void> {
    for (const queued of waitingWaivers.value) {
      try {
        await noteSigned(queued.place, queued.form, await signWaiver(queued.place, queued.form))
        await keep.remove('waivers', queued.id)
      } catch (cause) {
        const failure = definite(cause)
        await keep.put('waivers', { ...queued, refused: failureText(failure), faults: fieldFaults(failure) })
      }
    }
  }

  /** Why the server will never take it. What passes, and a session that is over, is thrown on. */
  function definite(cause: unknown): ApiError {
    const failure = asFailure(cause)
    if (failure.isPassing || failure.kind === 'signed_out') throw failure
    return failure
  }

  function later(): void {
    clearTimeout(timer)
    misses += 1
    timer = setTimeout(() => void send(), afterMiss(misses))
  }

  /** Throws away the ticks that the server does not take. */
  async function dropTicks(): Promise<void> {
    for (const each of refusedTicks.value) await keep.remove('ticks', keyOf(each))
    await look()
  }

  /** Throws away a waiver of this device. */
  async function dropWaiver(id: string): Promise<void> {
    await keep.remove('waivers', id)
    await look()
  }

  /** Throws away what a person has not sent, who leaves this device for good and has said so. What others did here stays. */
  async function clear(person_id: string): Promise<void> {
    await look()
    await Promise.all([
      ...ticks.value.filter((each) => isOwnedBy(each, person_id)).map((each) => keep.remove('ticks', keyOf(each))),
      ...waivers.value.filter((each) => isOwnedBy(each, person_id)).map((each) => keep.remove('waivers', each.id)),
      keep.clear('drafts'),
    ])
    await look()
  }

  return {
    ticks, waivers, waiting, waitingTicks, waitingWaivers, refusedTicks, refusedWaivers, ownUnsent, sending, answered, signed,
    start, tick, sign, send, dropTicks, dropWaiver, clear,
  }
})

/** A tick's place on the device. */
function keyOf({ person_id, event_id, entry_id }: QueuedTick): [string, string, string] {
  return [person_id, event_id, entry_id]
}

/** Holds other tabs off while it runs; a browser without locks has them send twice, which changes nothing. */
async function alone(run: () => Promise<void>): Promise<void> {
  const locks = navigator.locks as LockManager | null | undefined
  await (locks ? locks.request('outbox', run) : run())
}
