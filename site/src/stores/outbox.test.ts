import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { WaiverForm } from '../lib/api/waivers'
import { keep, type QueuedWaiver } from '../lib/keep/database'
import { keptReceipts } from '../lib/keep/receipts'
import { fakeServer, problem, type FakeServer } from '../testing/server'
import { useOutbox } from './outbox'
import { afterMiss, waitingOf } from './outboxRules'
import { useSession } from './session'

const TICKS = 'POST /api/sails/s1/checklist/ticks'
const dina = { person_id: 'dina', email: 'd@x.co', name: 'Dina', grants: ['crew' as const], expires_at: 1 }
const form = { name: 'Noor' } as WaiverForm
const place = { kind: 'guest', link: 's1.token' } as const
let server: FakeServer
let outbox: ReturnType<typeof useOutbox>

/** Whatever is being sent has arrived, or not. */
function settle(): Promise<void> {
  return vi.waitFor(() => expect(outbox.sending).toBe(false))
}

/** The application as it opens: what an earlier visit left is read. */
async function open(person: typeof dina | null = dina): Promise<void> {
  outbox?.$dispose()
  setActivePinia(createPinia())
  useSession().standing = person ? { kind: 'in', person } : { kind: 'out', ended: false }
  outbox = useOutbox()
  await outbox.start()
  await settle()
}

const list = () => Response.json({ entries: [] })

beforeEach(() => void (server = fakeServer()))
afterEach(() => {
  outbox.$dispose()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('ticks', () => {
  test('are sent at once where there is a signal, and nothing waits', async () => {
    server.on(TICKS, list)
    await open()
    await outbox.tick('s1', 'engine', true)
    await settle()
    expect(server.bodies).toEqual([{ ticks: [{ entry_id: 'engine', done: true, at: expect.any(Number) }] }])
    expect(outbox.waiting).toBe(0)
    expect(outbox.answered).toEqual({ event_id: 's1', list: { entries: [] } })
  })

  test('wait on the device without a signal, survive a closed page, and are sent together when it is back', async () => {
    await open()
    await outbox.tick('s1', 'engine', true)
    await outbox.tick('s1', 'lines', true)
    await outbox.tick('s1', 'lines', false)
    await settle()
    expect(outbox.waitingTicks.map((tick) => [tick.entry_id, tick.done])).toEqual([['engine', true], ['lines', false]])

    server = fakeServer({ [TICKS]: list })
    await open()
    expect(server.bodies).toHaveLength(1)
    expect(server.bodies[0]).toMatchObject({ ticks: [{ entry_id: 'engine', done: true }, { entry_id: 'lines', done: false }] })
    expect(await keep.all('ticks')).toEqual([])
  })

  test('that are changed while they are on their way are sent again', async () => {
    let arrive = () => {}
    server.on(TICKS, () => new Promise((resolve) => (arrive = () => resolve(list()))))
    await open()
    await outbox.tick('s1', 'engine', true)
    await vi.waitFor(() => expect(server.asked).toHaveLength(1))
    await outbox.tick('s1', 'engine', false)
    arrive()
    await settle()
    expect(outbox.waitingTicks).toMatchObject([{ entry_id: 'engine', done: false }])
  })

  test('that the server does not take stay, with the reason, until their owner throws them away', async () => {
    server.on(TICKS, () => problem(403))
    await open()
    await outbox.tick('s1', 'engine', true)
    await settle()
    expect(outbox.waiting).toBe(0)
    expect(outbox.refusedTicks).toHaveLength(1)
    expect(outbox.refusedTicks[0]?.refused).toContain('somebody else to do')
    await outbox.dropTicks()
    expect(await keep.all('ticks')).toEqual([])
  })

  test('that are changed while they are on their way to be refused are not taken back', async () => {
    let arrive = () => {}
    server.on(TICKS, () => new Promise((resolve) => (arrive = () => resolve(problem(403)))))
    await open()
    await outbox.tick('s1', 'engine', true)
    await vi.waitFor(() => expect(server.asked).toHaveLength(1))
    await outbox.tick('s1', 'engine', false)
    arrive()
    await settle()
    expect(await keep.all('ticks')).toMatchObject([{ entry_id: 'engine', done: false }])
  })

  test('that the server does not take are told to their owner, and thrown away by nobody else', async () => {
    server.on(TICKS, () => problem(403))
    await open()
    await outbox.tick('s1', 'engine', true)
    await settle()
    await open({ ...dina, person_id: 'emil' })
    expect(outbox.refusedTicks).toEqual([])
    await outbox.dropTicks()
    await open()
    expect(outbox.refusedTicks).toMatchObject([{ entry_id: 'engine' }])
  })

  test('are taken back after they were made, also by a clock that is slow', async () => {
    await open()
    const made = Math.floor(Date.now() / 1000) + 600
    await outbox.tick('s1', 'engine', false, made)
    await settle()
    expect(outbox.waitingTicks).toMatchObject([{ done: false, at: made + 1 }])
  })

  test('of somebody whose session is over wait for the same person, not for the next one', async () => {
    server.on(TICKS, () => problem(401))
    await open()
    await outbox.tick('s1', 'engine', true)
    await settle()
    server = fakeServer({ [TICKS]: list })
    await open({ ...dina, person_id: 'emil' })
    expect(server.bodies).toEqual([])
    await open()
    expect(server.bodies).toHaveLength(1)
  })
})

describe('a waiver', () => {
  test('is signed at once where there is a signal', async () => {
    server.on('POST /api/waiver', () => Response.json({ waiver_id: 'w', standing: 'signed', signed_at: 1 }, { status: 201 }))
    await open(null)
    expect(await outbox.sign(place, form)).toMatchObject({ standing: 'signed' })
    expect(outbox.waiting).toBe(0)
  })

  /** One that was signed without a signal and then refused. */
  async function refused(answer: Response): Promise<QueuedWaiver> {
    await open(null)
    await outbox.sign(place, form)
    server = fakeServer({ 'POST /api/waiver': () => answer.clone() })
    await open(null)
    expect(outbox.waitingWaivers).toEqual([])
    return outbox.refusedWaivers[0]!
  }

  test('that is refused later stays on the device as it was signed, with what the server marked', async () => {
    const errors = [{ field: '/emergency_contact/phone', detail: 'is not a telephone number' }]
    const queued = await refused(problem(400, 'urn:problem:invalid-fields', { errors }))
    expect(queued).toMatchObject({ place, form, faults: { '/emergency_contact/phone': 'This is not a telephone number.' } })
    expect(queued.refused).toContain('Something in the form cannot be used.')
    await open(null)
    expect(server.asked).toHaveLength(1)
  })

  test('that is corrected takes the place of the refused one, with a signal and without', async () => {
    const { id } = await refused(problem(409, 'urn:problem:signed-already'))
    server = fakeServer()
    expect(await outbox.sign(place, { ...form, name: 'Noor H.' }, id)).toBeNull()
    expect(await keep.all('waivers')).toMatchObject([{ id, form: { name: 'Noor H.' } }])
    expect(outbox.refusedWaivers).toEqual([])
    const again = await refused(problem(409, 'urn:problem:signed-already'))
    server = fakeServer({ 'POST /api/waiver': () => Response.json({ waiver_id: 'w' }, { status: 201 }) })
    await outbox.sign(place, form, again.id)
    expect(outbox.refusedWaivers.map((each) => each.id)).not.toContain(again.id)
  })

  test('of a guest leaves a receipt on the device, whenever it is taken', async () => {
    await open(null)
    await outbox.sign(place, form)
    expect(await keptReceipts(place.link)).toEqual([])
    server = fakeServer({ 'POST /api/waiver': () => Response.json({ waiver_id: 'w', standing: 'signed' }, { status: 201 }) })
    await open(null)
    expect(outbox.signed).toEqual(place)
    expect(await keptReceipts(place.link)).toEqual([{ name: 'Noor', receipt: { waiver_id: 'w', standing: 'signed' } }])
    await outbox.sign(place, form)
    expect(await keptReceipts(place.link)).toHaveLength(1)
  })

  test('waits without a signal and is sent once', async () => {
    await open(null)
    expect(await outbox.sign(place, form)).toBeNull()
    expect(outbox.waitingWaivers).toHaveLength(1)
    server = fakeServer({ 'POST /api/waiver': () => Response.json({}, { status: 201 }) })
    await open(null)
    await outbox.send()
    await settle()
    expect(server.asked.filter((request) => request.method === 'POST')).toHaveLength(1)
    expect(server.asked[0]?.headers.get('waiver-link')).toBe('s1.token')
    expect(await keep.all('waivers')).toEqual([])
  })

  test('that is not taken is told to whoever signs, and not kept', async () => {
    server.on('POST /api/waiver', () => problem(409, 'urn:problem:signed-already'))
    await open(null)
    await expect(outbox.sign(place, form)).rejects.toMatchObject({ kind: 'conflict' })
    expect(outbox.waiting).toBe(0)
  })
})

test('whoever leaves for good throws away the own things, and nothing of others or of guests', async () => {
  await open()
  await outbox.tick('s1', 'engine', true)
  await outbox.sign(place, form)
  await open({ ...dina, person_id: 'emil' })
  await outbox.tick('s1', 'lines', true)
  await settle()
  expect([outbox.waiting, outbox.ownUnsent]).toEqual([2, 1])
  await outbox.clear('emil')
  expect(await keep.all('ticks')).toMatchObject([{ person_id: 'dina', entry_id: 'engine' }])
  expect(await keep.all('waivers')).toMatchObject([{ place }])
})

test('pauses grow with each miss, up to a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 60].map(afterMiss)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
})

test('a person sends the own things and those of guests, never those of others', () => {
  const queued = [{ id: 1, person_id: 'dina' }, { id: 2 }, { id: 3, person_id: 'emil' }, { id: 4, refused: 'no' }]
  expect(waitingOf(queued, 'dina').map((each) => each.id)).toEqual([1, 2])
  expect(waitingOf(queued, null).map((each) => each.id)).toEqual([2])
})
