// A sail's checklist as it is edited: the order of its entries, and how two people's changes become one. Pure.
import type { Checklist, Entry } from '../../lib/api/checklist'
import type { SailDetail } from '../../lib/api/sails'
import { MINUTE, type EpochSeconds } from '../../lib/time/zone.ts'
import { PHASES } from '../sail/checklist.ts'

/** What an entry's due time hangs on. */
export type Times = Pick<SailDetail, 'departs_at' | 'returns_at'>

/** The entries of a list without where they stand: what is edited and sent. */
export function entriesOf(list: Checklist): Entry[] {
  return list.entries.map(({ entry_id, role, phase, text, anchor, due_minutes }) => ({ entry_id, role, phase, text, anchor, due_minutes }))
}

export function dueAt(entry: Entry, sail: Times): EpochSeconds {
  return (entry.anchor === 'departure' ? sail.departs_at : sail.returns_at) + entry.due_minutes * MINUTE
}

/** Whether two entries say the same. */
export function same(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b) return a === b
  return (Object.keys(a) as (keyof Entry)[]).every((key) => a[key] === b[key])
}

/** The list with an entry put where its time is, within its phase. One that keeps its time keeps its place. */
export function placed(list: readonly Entry[], entry: Entry, sail: Times): Entry[] {
  const before = list.find((each) => each.entry_id === entry.entry_id)
  if (before && before.phase === entry.phase && dueAt(before, sail) === dueAt(entry, sail)) {
    return list.map((each) => (each === before ? entry : each))
  }
  const others = list.filter((each) => each !== before)
  const isLater = (each: Entry) =>
    each.phase === entry.phase ? dueAt(each, sail) > dueAt(entry, sail) : PHASES.indexOf(each.phase) > PHASES.indexOf(entry.phase)
  const at = others.findIndex(isLater)
  return at === -1 ? [...others, entry] : [...others.slice(0, at), entry, ...others.slice(at)]
}

/** Who stands in for an entry that leaves its part of the list: the next one there, or the one before. `null`: it was alone. */
export function neighbour(list: readonly Entry[], entry: Entry): Entry | null {
  const part = list.filter((each) => each.phase === entry.phase)
  const at = part.findIndex((each) => each.entry_id === entry.entry_id)
  return part[at + 1] ?? part[at - 1] ?? null
}

export interface Changes {
  added: number
  changed: number
  /** What is not in the list any more. */
  removed: Entry[]
}

/** What was made of a list. */
export function changes(base: readonly Entry[], mine: readonly Entry[]): Changes {
  const [from, own] = [byKey(base), byKey(mine)]
  return {
    added: mine.filter((each) => !from.has(each.entry_id)).length,
    changed: mine.filter((each) => from.has(each.entry_id) && !same(each, from.get(each.entry_id))).length,
    removed: base.filter((each) => !own.has(each.entry_id)),
  }
}

/** An entry that two people have changed, each in another way; absent: removed. One of both is there. */
export interface Clash {
  entry_id: string
  mine: Entry | undefined
  theirs: Entry | undefined
}

export interface Merged {
  list: Entry[]
  /** How many entries somebody else has changed, added or removed, and I have not touched: theirs count. */
  takenOver: number
  /** What both have changed: mine stands until I choose theirs; what only one has removed stays. */
  clashes: Clash[]
}

/** What both began with, what I made of it, and what somebody else made of it, as one. Nobody's work is lost. */
export function merge(base: readonly Entry[], mine: readonly Entry[], theirs: readonly Entry[], sail: Times): Merged {
  const [from, own, other] = [byKey(base), byKey(mine), byKey(theirs)]
  const merged: Merged = { list: [...mine], takenOver: 0, clashes: [] }
  for (const entry_id of new Set([...own.keys(), ...other.keys(), ...from.keys()])) {
    const [before, my, their] = [from.get(entry_id), own.get(entry_id), other.get(entry_id)]
    if (same(my, their) || same(their, before)) continue
    if (same(my, before)) {
      merged.takenOver += 1
      merged.list = withEntry(merged.list, entry_id, their, sail)
    } else {
      merged.clashes.push({ entry_id, mine: my, theirs: their })
      merged.list = withEntry(merged.list, entry_id, my ?? their, sail)
    }
  }
  return merged
}

/** The list with an entry as given; absent: without it. */
export function withEntry(list: readonly Entry[], entry_id: string, entry: Entry | undefined, sail: Times): Entry[] {
  return entry ? placed(list, entry, sail) : list.filter((each) => each.entry_id !== entry_id)
}

/** Whether two lists hold the same, whatever the order. */
export function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  const held = byKey(b)
  return a.length === b.length && a.every((each) => same(each, held.get(each.entry_id)))
}

function byKey(list: readonly Entry[]): Map<string, Entry> {
  return new Map(list.map((entry) => [entry.entry_id, entry]))
}
