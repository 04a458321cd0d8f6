import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import * as api from '../lib/api/session'
import { ApiError, onSignedOut } from '../lib/api/transport'
import { forgetAnswers } from '../lib/keep/answers'
import { keep } from '../lib/keep/database'

/**
 * Who uses this device.
 *
 * - `unknown`: not looked up yet.
 * - `in`: somebody; without a signal as they were last known.
 * - `out`: nobody. `ended` when a session was over without having been asked to.
 */
export type Standing =
  | { kind: 'unknown' }
  | { kind: 'in'; person: api.Session }
  | { kind: 'out'; ended: boolean }

/** The session. Its token is a cookie that no script reads; what is kept here is who the person is. */
export const useSession = defineStore('session', () => {
  const standing = shallowRef<Standing>({ kind: 'unknown' })
  const person = computed(() => (standing.value.kind === 'in' ? standing.value.person : null))
  /** The token of the link that was opened. It left the address at once, so that no history and no picture keeps it. */
  const arrival = shallowRef<string | null>(null)
  const isAdmin = computed(() => person.value?.grants.includes('admin') ?? false)
  const isCaptain = computed(() => person.value?.grants.includes('captain') ?? false)

  /** Takes over who this device knows, then asks the server without making anybody wait. */
  async function start(): Promise<void> {
    const known = await keep.get('person', 'me')
    if (!known) {
      standing.value = { kind: 'out', ended: false }
      return
    }
    standing.value = { kind: 'in', person: known }
    void confirm()
  }

  /** Asks the server who is signed in. Without an answer everything stays as it is. */
  async function confirm(): Promise<void> {
    try {
      await enter(await api.readSession())
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
      if (cause.kind === 'signed_out' && standing.value.kind === 'unknown') standing.value = { kind: 'out', ended: false }
    }
  }

  async function enter(session: api.Session): Promise<void> {
    const before = await keep.get('person', 'me')
    // What an earlier person was told is nothing for the next one.
    if (before && before.person_id !== session.person_id) await forgetAnswers()
    await keep.put('person', { ...session, key: 'me' })
    standing.value = { kind: 'in', person: session }
  }

  const redeemLink = async (token: string) => enter(await api.redeemLink(token))
  const redeemCode = async (code: string) => enter(await api.redeemCode(code))

  /** Signs out, here or everywhere, and takes what was read off this device. */
  async function signOut(everywhere: boolean): Promise<void> {
    leaving = true
    try {
      await (everywhere ? api.endSessions() : api.endSession())
    } catch (cause) {
      // A session that is over already needs no end.
      if (!(cause instanceof ApiError && cause.kind === 'signed_out')) throw cause
    } finally {
      leaving = false
    }
    await keep.clear('person')
    await forgetAnswers()
    standing.value = { kind: 'out', ended: false }
  }

  let leaving = false
  onSignedOut(() => {
    if (leaving || standing.value.kind !== 'in') return
    // Ticks and drafts stay: they are sent when the same person is back.
    void keep.clear('person')
    void forgetAnswers()
    standing.value = { kind: 'out', ended: true }
  })

  return { standing, arrival, person, isAdmin, isCaptain, start, confirm, redeemLink, redeemCode, signOut }
})
