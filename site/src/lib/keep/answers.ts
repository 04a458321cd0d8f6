// The last answers of the server, for reading without a signal.
import type { EpochSeconds } from '../time/zone'
import { present } from '../useNow'
import { keep } from './database'

/** Seconds after which an answer is too old to be of use: the season has moved on. */
const KEPT_FOR_SECONDS = 30 * 24 * 3600

export interface Kept<T> {
  value: T
  at: EpochSeconds
}

export async function keptAnswer<T>(name: string): Promise<Kept<T> | null> {
  const held = await keep.get('answers', name)
  return held && held.at > present() - KEPT_FOR_SECONDS ? { value: held.value as T, at: held.at } : null
}

export function keepAnswer(name: string, value: unknown): Promise<void> {
  return keep.put('answers', { name, value, at: present() })
}

/** Nothing that the server told stays on this device. */
export function forgetAnswers(): Promise<void> {
  return keep.clear('answers')
}
