import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'
import { keepAnswer, keptAnswer } from '../lib/keep/answers'
import { keep } from '../lib/keep/database'
import { makeRouter } from '../router'
import { fakeServer, problem } from '../testing/server'
import { useSession } from './session'

const SESSION = 'GET /api/auth/session'
const ada = { person_id: 'ada', email: 'a@x.co', name: 'Ada', grants: ['admin', 'crew'], expires_at: 9 }
const dina = { ...ada, person_id: 'dina', name: 'Dina', grants: ['crew'] }

async function settle(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await flushPromises()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => void vi.unstubAllGlobals())

test('a device that knows nobody asks nobody', async () => {
  const server = fakeServer()
  const session = useSession()
  await session.start()
  expect(session.standing).toEqual({ kind: 'out', ended: false })
  expect(server.asked).toEqual([])
})

test('without a signal somebody known stays who they are', async () => {
  fakeServer()
  await keep.put('person', { ...ada, grants: ['admin'], key: 'me' })
  const session = useSession()
  await session.start()
  await settle()
  expect(session.person?.name).toBe('Ada')
  expect(session.isAdmin).toBe(true)
})

test('what the server says about a person counts more than what the device knew', async () => {
  fakeServer({ [SESSION]: () => Response.json({ ...ada, grants: ['crew'] }) })
  await keep.put('person', { ...ada, grants: ['admin'], key: 'me' })
  const session = useSession()
  await session.start()
  await settle()
  expect(session.isAdmin).toBe(false)
})

test('a revoked person is out with the next answer, and nothing that was read stays; unsent ticks do', async () => {
  fakeServer({ [SESSION]: () => problem(401) })
  await keep.put('person', { ...ada, grants: ['crew'], key: 'me' })
  await keepAnswer('sail/s1', { title: 'secret' })
  await keep.put('ticks', { person_id: 'ada', event_id: 's1', entry_id: 'engine', done: true, at: 1 })
  const session = useSession()
  await session.start()
  await settle()
  expect(session.standing).toEqual({ kind: 'out', ended: true })
  expect(await keptAnswer('sail/s1')).toBeNull()
  expect(await keep.get('person', 'me')).toBeUndefined()
  expect(await keep.all('ticks')).toHaveLength(1)
})

test('another person finds nothing that the one before was told', async () => {
  fakeServer({ 'POST /api/auth/codes/redemption': () => Response.json(dina) })
  await keep.put('person', { ...ada, grants: ['crew'], key: 'me' })
  await keepAnswer('sails', ['x'])
  const session = useSession()
  await session.redeemCode('ABCD2345')
  expect(session.person?.person_id).toBe('dina')
  expect(await keptAnswer('sails')).toBeNull()
})

test('signing out ends the session, also one that was over already', async () => {
  for (const answer of [() => new Response(null, { status: 204 }), () => problem(401)]) {
    setActivePinia(createPinia())
    fakeServer({ 'DELETE /api/auth/session': answer, [SESSION]: () => Response.json(ada) })
    await keep.put('person', { ...ada, grants: ['crew'], key: 'me' })
    const session = useSession()
    await session.start()
    await settle()
    await session.signOut(false)
    expect(session.standing).toEqual({ kind: 'out', ended: false })
    expect(await keep.get('person', 'me')).toBeUndefined()
  }
})

test('signing out without a signal is not pretended', async () => {
  fakeServer()
  await keep.put('person', { ...ada, grants: ['crew'], key: 'me' })
  const session = useSession()
  await session.start()
  await expect(session.signOut(true)).rejects.toMatchObject({ kind: 'unreachable' })
  expect(session.person?.name).toBe('Ada')
})

test('a link’s token leaves the address before anything is shown, and is used by nobody but the reader', async () => {
  const server = fakeServer()
  const history = createMemoryHistory()
  const router = makeRouter(history)
  await router.push('/sign-in?next=%2Faccount#token=abc.def')
  expect(router.currentRoute.value.fullPath).toBe('/sign-in?next=/account')
  expect(history.location).not.toContain('abc')
  expect(useSession().arrival).toBe('abc.def')
  expect(server.asked).toEqual([])
})

test.each([
  ['/account', '/sign-in?next=/account'],
  ['/office/people', '/sign-in?next=/office/people'],
  ['/sign-in', '/sign-in'],
])('whoever is signed out and opens %s is led to %s', async (path, to) => {
  fakeServer({ [SESSION]: () => problem(401) })
  const router = makeRouter(createMemoryHistory())
  await router.push(path)
  expect(router.currentRoute.value.fullPath).toBe(to)
})

test('the office is for administrators', async () => {
  fakeServer({ [SESSION]: () => Response.json(dina) })
  const router = makeRouter(createMemoryHistory())
  await router.push('/office/people')
  expect(router.currentRoute.value.path).toBe('/')
})
