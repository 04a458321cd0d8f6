// Sails: the list, one of them, planning and its life.
import type { CalendarDay, EpochSeconds } from '../time/zone'
import { answer, client, revised, type Revised, type Schemas } from './transport'

export type Sail = Schemas['SailEntry']
export type SailDetail = Schemas['SailDetail']
export type SailList = Schemas['SailList']
export type SailPlan = Schemas['SailPlan']
export type SailState = Schemas['SailState']
export type Slot = Schemas['SlotEntry']
export type Role = Schemas['Role']
export type Step = Schemas['Step']
export type SunDay = Schemas['SunDay']
export type SailWindow = Schemas['WindowEntry']
export type AuditEntry = Schemas['AuditEntry']
export type AuditTrail = Schemas['AuditTrail']

/** The most sails of one answer. */
const MOST_A_PAGE = 50

/**
 * The sails that depart from a moment on, soonest first: as many answers of the server as asked for, in one list.
 * `next` is there when the server has more.
 */
export async function listSails(from: EpochSeconds, answers: number, signal?: AbortSignal): Promise<SailList> {
  const sails: Sail[] = []
  let next: string | undefined
  for (let count = 0; count < answers; count += 1) {
    const query = next === undefined ? { from } : { from, after: next }
    const part = await answer(signal, (within) => client.GET('/api/sails', { params: { query }, signal: within }))
    sails.push(...part.sails)
    next = part.next ?? undefined
    if (next === undefined) break
  }
  return next === undefined ? { sails } : { sails, next }
}

/** The sails that depart from one moment on and before another: what a month of a calendar shows. */
export async function sailsBetween(from: EpochSeconds, until: EpochSeconds, signal?: AbortSignal): Promise<Sail[]> {
  const sails: Sail[] = []
  let after: string | undefined
  for (;;) {
    // The API counts the last moment in.
    const query = { from, until: until - 1, limit: MOST_A_PAGE, ...(after === undefined ? {} : { after }) }
    const part = await answer(signal, (within) => client.GET('/api/sails', { params: { query }, signal: within }))
    sails.push(...part.sails)
    after = part.next ?? undefined
    if (after === undefined) return sails
  }
}

/** Sunrise, sunset and twilight in San Diego on a day. */
export function sunOfDay(date: CalendarDay, signal?: AbortSignal): Promise<SunDay> {
  return answer(signal, (within) => client.GET('/api/sun', { params: { query: { date } }, signal: within }))
}

/** When an evening sail of that day is best. */
export async function suggestWindows(date: CalendarDay, signal?: AbortSignal): Promise<SailWindow[]> {
  const query = { date }
  return (await answer(signal, (within) => client.GET('/api/sail-windows', { params: { query }, signal: within }))).windows
}

export function readSail(event_id: string, signal?: AbortSignal): Promise<Revised<SailDetail>> {
  const path = { event_id }
  return revised(signal, (within) => client.GET('/api/sails/{event_id}', { params: { path }, signal: within }))
}

/** Plans a sail, once for each `key`. */
export function createSail(key: string, body: SailPlan): Promise<SailDetail> {
  const header = { 'Idempotency-Key': key }
  return answer(undefined, (signal) => client.POST('/api/sails', { params: { header }, body, signal }))
}

/** Changes a plan. 412: somebody else changed it since `revision`. */
export function editSail(event_id: string, revision: string, body: SailPlan): Promise<Revised<SailDetail>> {
  const params = { path: { event_id }, header: { 'If-Match': revision } }
  return revised(undefined, (signal) => client.PUT('/api/sails/{event_id}', { params, body, signal }))
}

/** Takes a sail one step further. */
export function stepSail(event_id: string, step: Step, reason?: string): Promise<SailDetail> {
  const body = reason ? { step, reason } : { step }
  const path = { event_id }
  return answer(undefined, (signal) => client.POST('/api/sails/{event_id}/steps', { params: { path }, body, signal }))
}

/** Who did what to a sail, the latest first. */
export function readAudit(event_id: string, after: string | undefined, signal?: AbortSignal): Promise<AuditTrail> {
  const params = { path: { event_id }, query: after === undefined ? {} : { after } }
  return answer(signal, (within) => client.GET('/api/sails/{event_id}/audit', { params, signal: within }))
}
