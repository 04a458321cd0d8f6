import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, type Router } from 'vue-router'
import { makeRouter } from '../../router'
import { useSession } from '../../stores/session'
import { fakeServer, problem, type FakeServer } from '../../testing/server'
import SignInPage from './SignInPage.vue'
import { tidyCode, tokenOf, wantedPath } from './token'

const robin = { person_id: 'robin', email: 'r@x.co', name: 'Robin', grants: ['crew'], expires_at: 9 }
let server: FakeServer
let router: Router
let page: VueWrapper

async function open(path: string): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  router = makeRouter(createMemoryHistory())
  await router.push(path)
  page = mount(SignInPage, { attachTo: document.body, global: { plugins: [pinia, router] } })
}

const button = (name: string) => page.findAll('button').find((each) => each.text() === name)

async function shows(text: string): Promise<void> {
  await vi.waitFor(async () => {
    await flushPromises()
    expect(page.text()).toContain(text)
  })
}

beforeEach(() => void (server = fakeServer()))
afterEach(() => {
  page.unmount()
  vi.unstubAllGlobals()
})

describe('a link', () => {
  test('signs in only when the reader asks, and leads to where they wanted to go', async () => {
    server.on('POST /api/auth/links/redemption', () => Response.json(robin))
    await open('/sign-in?next=%2Fnowhere#token=abc.def')
    expect(server.asked).toHaveLength(0)
    await button('Sign in')?.trigger('click')
    await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/nowhere'))
    expect(server.bodies).toEqual([{ token: 'abc.def', session: 'cookie' }])
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(await server.asked[0]!.clone().text()))
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    expect(server.asked[0]!.headers.get('x-amz-content-sha256')).toBe(hex)
    expect(useSession().person?.name).toBe('Robin')
  })

  test('that was used says so, is not offered again, and a new one can be asked for', async () => {
    server.on('POST /api/auth/links/redemption', () => problem(400, 'urn:problem:not-redeemed'))
    await open('/sign-in#token=abc.def')
    await button('Sign in')?.trigger('click')
    await shows('It was used already, it is too old')
    expect(button('Sign in')).toBeUndefined()
    await button('Get a new link')?.trigger('click')
    await shows('Your mail address')
  })

  test('that met no signal can be tried again', async () => {
    await open('/sign-in#token=abc.def')
    await button('Sign in')?.trigger('click')
    await shows('The connection dropped')
    expect(button('Sign in')).toBeDefined()
  })
})

test('asking answers the same whoever asks, then the code is typed', async () => {
  server.on('POST /api/auth/links', () => Response.json({ challenge: 'c', expires_at: 1 }, { status: 202 }))
  server.on('POST /api/auth/codes/redemption', () => Response.json(robin))
  await open('/sign-in?next=/nowhere')
  await page.get('input').setValue('robin')
  await page.get('form').trigger('submit')
  await shows('Type your whole mail address.')
  expect(server.asked).toHaveLength(0)

  await page.get('input').setValue('robin@example.com ')
  await page.get('form').trigger('submit')
  await shows('If robin@example.com')
  expect(server.bodies).toEqual([{ email: 'robin@example.com' }])

  await page.get('input').setValue('abcd-2')
  await page.get('form').trigger('submit')
  await shows('has 8 letters and digits')
  await page.get('input').setValue('abcd-2345')
  await page.get('form').trigger('submit')
  await vi.waitFor(() => expect(router.currentRoute.value.path).toBe('/nowhere'))
  expect(server.bodies.at(-1)).toEqual({ code: 'ABCD2345', session: 'cookie' })
})

test('too many mails are explained with the time to wait', async () => {
  server.on('POST /api/auth/links', () => problem(429, 'about:blank', { retry_after_seconds: 400 }))
  await open('/sign-in')
  await page.get('input').setValue('robin@example.com')
  await page.get('form').trigger('submit')
  await shows('Try again in 7 minutes.')
})

test('only paths of this site are gone to after the sign-in', () => {
  expect(wantedPath('/sails/s1?x=1')).toBe('/sails/s1?x=1')
  for (const elsewhere of ['//evil.example', '/\\evil.example', 'https://evil.example', 'sails', undefined, ['/a', '/b']]) {
    expect(wantedPath(elsewhere)).toBe('/')
  }
})

test('a token is taken from a fragment and from nothing else', () => {
  expect(tokenOf('#token=a.b')).toBe('a.b')
  expect(tokenOf('')).toBeNull()
  expect(tokenOf('#main')).toBeNull()
  expect(tidyCode(' ab-cd 23.45 ')).toBe('ABCD2345')
})
