// What this device keeps, so that the application opens without a signal and loses no work. Never a token: the session
// is a cookie that no script reads.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Session } from '../api/session'
import type { WaiverForm, WaiverPlace } from '../api/waivers'
import type { EpochSeconds } from '../time/zone'
import type { FieldFaults } from '../words/failures'

/** An answer of the server as it was last given. */
export interface KeptAnswer {
  name: string
  value: unknown
  at: EpochSeconds
}

/** A tick that the server has not taken yet. One a person, a sail and an entry: the later one counts. */
export interface QueuedTick {
  person_id: string
  event_id: string
  entry_id: string
  done: boolean
  /** When it was ticked, in epoch seconds by this device's clock. */
  at: EpochSeconds
  /** Why the server does not take it; absent while it waits. */
  refused?: string
}

/** A waiver that was signed without a signal. */
export interface QueuedWaiver {
  /** This device's own name for it. */
  id: string
  place: WaiverPlace
  /** Who signed on as whom: a waiver of the crew is sent by its person alone. Absent: a guest. */
  person_id?: string
  form: WaiverForm
  signed_at: EpochSeconds
  /** Why the server does not take it; absent while it waits. */
  refused?: string
  /** What the server marked in the form, by JSON pointer. */
  faults?: FieldFaults
}

/** What is typed or changed on a page, and not sent yet. */
export interface Draft {
  /** Which page, and whose: a guest's waiver is that of its link, everything else is one person's alone. */
  page: string
  fields: unknown
  at: EpochSeconds
}

interface Schema extends DBSchema {
  person: { key: string; value: Session & { key: 'me' } }
  answers: { key: string; value: KeptAnswer }
  ticks: { key: [string, string, string]; value: QueuedTick }
  waivers: { key: string; value: QueuedWaiver }
  drafts: { key: string; value: Draft }
}

export type Shelf = 'person' | 'answers' | 'ticks' | 'waivers' | 'drafts'
type Key<S extends Shelf> = Schema[S]['key']
type Value<S extends Shelf> = Schema[S]['value']

/** Where things are kept. Nothing here rejects: a browser that keeps nothing still lets its owner work. */
export interface Keep {
  get<S extends Shelf>(shelf: S, key: Key<S>): Promise<Value<S> | undefined>
  all<S extends Shelf>(shelf: S): Promise<Value<S>[]>
  put<S extends Shelf>(shelf: S, value: Value<S>): Promise<void>
  remove<S extends Shelf>(shelf: S, key: Key<S>): Promise<void>
  clear(shelf: Shelf): Promise<void>
}

const KEY_PATHS: Record<Shelf, string | string[]> = {
  person: 'key',
  answers: 'name',
  ticks: ['person_id', 'event_id', 'entry_id'],
  waivers: 'id',
  drafts: 'page',
}

const VERSION = 1

let opened: Promise<IDBPDatabase<Schema> | null> | undefined

function database(): Promise<IDBPDatabase<Schema> | null> {
  opened ??= openDB<Schema>('crew', VERSION, {
    upgrade(db) {
      for (const [shelf, keyPath] of Object.entries(KEY_PATHS)) db.createObjectStore(shelf as Shelf, { keyPath })
    },
    // The browser took it away, or another tab has a newer version of the application: the next use opens it again.
    terminated: () => void (opened = undefined),
    blocking: (_current, _blocked, event) => {
      opened = undefined
      ;(event.target as IDBDatabase).close()
    },
  }).catch(() => null)
  return opened
}

/** What the database would not take, on a full device for instance: it counts instead of what is there, as long as the page is open. */
interface Aside {
  /** Whether nothing of the shelf's database counts any more. */
  alone: boolean
  /** By key; `undefined`: it was removed. */
  values: Map<string, unknown>
}

const aside = Object.fromEntries(
  Object.keys(KEY_PATHS).map((shelf) => [shelf, { alone: false, values: new Map() }]),
) as Record<Shelf, Aside>

function keyOf(shelf: Shelf, value: unknown): string {
  const fields = value as Record<string, unknown>
  const path = KEY_PATHS[shelf]
  return JSON.stringify(Array.isArray(path) ? path.map((name) => fields[name]) : fields[path])
}

/** What the database says; `otherwise` where there is none, or it does not answer. */
async function read<T>(otherwise: T, ask: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await database()
  return db === null ? otherwise : ask(db).catch(() => otherwise)
}

/** Changes the database. False: it is as it was. */
async function write(change: (db: IDBPDatabase<Schema>) => Promise<unknown>): Promise<boolean> {
  const db = await database()
  if (db === null) return false
  return change(db).then(
    () => true,
    () => false,
  )
}

/** Puts a value into the database. On a full device what can be asked for again makes room for what somebody has done. */
async function store<S extends Shelf>(db: IDBPDatabase<Schema>, shelf: S, value: Value<S>): Promise<void> {
  try {
    await db.put(shelf, value)
  } catch (cause) {
    if (shelf === 'answers') throw cause
    await db.clear('answers')
    await db.put(shelf, value)
  }
}

export const keep: Keep = {
  async get(shelf, key) {
    const { alone, values } = aside[shelf]
    const name = JSON.stringify(key)
    if (alone || values.has(name)) return values.get(name) as never
    return read(undefined, (db) => db.get(shelf, key))
  },
  async all(shelf) {
    const held = await read([], (db) => db.getAll(shelf))
    const { alone, values } = aside[shelf]
    const counting = alone ? [] : held.filter((value) => !values.has(keyOf(shelf, value)))
    return [...counting, ...[...values.values()].filter((value) => value !== undefined)] as never
  },
  async put(shelf, value) {
    // Without what Vue wraps around it: the browser copies plain values alone.
    const plain = JSON.parse(JSON.stringify(value)) as typeof value
    const { alone, values } = aside[shelf]
    if (!alone && (await write((db) => store(db, shelf, plain)))) values.delete(keyOf(shelf, plain))
    else values.set(keyOf(shelf, plain), plain)
  },
  async remove(shelf, key) {
    const { values } = aside[shelf]
    if (await write((db) => db.delete(shelf, key as never))) values.delete(JSON.stringify(key))
    else values.set(JSON.stringify(key), undefined)
  },
  async clear(shelf) {
    aside[shelf].alone = !(await write((db) => db.clear(shelf)))
    aside[shelf].values.clear()
  },
}
