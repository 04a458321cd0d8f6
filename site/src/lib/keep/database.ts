// What this device keeps, so that the application opens without a signal and loses no work. Never a token: the session
// is a cookie that no script reads.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Session } from '../api/session'
import type { WaiverForm, WaiverPlace } from '../api/waivers'
import type { EpochSeconds } from '../time/zone'

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
  refused?: string
}

/** A waiver that is still being filled in. */
export interface Draft {
  /** Which waiver page: its link, or its sail and who signs. */
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

/** For browsers that keep nothing: as long as the page is open. */
const memory: Record<Shelf, Map<string, unknown>> = {
  person: new Map(),
  answers: new Map(),
  ticks: new Map(),
  waivers: new Map(),
  drafts: new Map(),
}

function keyOf(shelf: Shelf, value: unknown): string {
  const fields = value as Record<string, unknown>
  const path = KEY_PATHS[shelf]
  return JSON.stringify(Array.isArray(path) ? path.map((name) => fields[name]) : fields[path])
}

async function use<T>(run: (db: IDBPDatabase<Schema>) => Promise<T>, otherwise: () => T): Promise<T> {
  const db = await database()
  if (db === null) return otherwise()
  return run(db).catch(otherwise)
}

export const keep: Keep = {
  get: (shelf, key) =>
    use(
      (db) => db.get(shelf, key),
      () => memory[shelf].get(JSON.stringify(key)) as never,
    ),
  all: (shelf) =>
    use(
      (db) => db.getAll(shelf),
      () => [...memory[shelf].values()] as never,
    ),
  put: (shelf, value) =>
    use(
      // Without what Vue wraps around it: the browser copies plain values alone.
      async (db) => void (await db.put(shelf, JSON.parse(JSON.stringify(value)))),
      () => void memory[shelf].set(keyOf(shelf, value), value),
    ),
  remove: (shelf, key) =>
    use(
      (db) => db.delete(shelf, key as never),
      () => void memory[shelf].delete(JSON.stringify(key)),
    ),
  clear: (shelf) =>
    use(
      (db) => db.clear(shelf),
      () => memory[shelf].clear(),
    ),
}
