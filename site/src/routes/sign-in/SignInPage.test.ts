import { flushPromises, mount, RouterLinkStub, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import SignInPage from './SignInPage.vue'

const server = { answer: () => Response.json({ name: 'Robin' }), asked: [] as Request[] }
let page: VueWrapper

function open(hash: string): void {
  history.replaceState(null, '', `/sign-in${hash}`)
  page = mount(SignInPage, { attachTo: document.body, global: { stubs: { RouterLink: RouterLinkStub } } })
}

async function press(): Promise<void> {
  await page.get('button').trigger('click')
  await vi.waitFor(async () => {
    await flushPromises()
    if (page.find('[role]').exists() === false) throw new Error('no answer is shown yet')
  })
}

beforeEach(() => {
  Object.assign(server, { answer: () => Response.json({ name: 'Robin' }), asked: [] })
  vi.stubGlobal('fetch', (request: Request) => {
    server.asked.push(request)
    return Promise.resolve(server.answer())
  })
})

afterEach(() => {
  page.unmount()
  vi.unstubAllGlobals()
})

test('the token leaves the address at once, and is used only when the reader asks', async () => {
  open('#token=abc.def')
  expect(location.href).not.toContain('abc')
  expect(server.asked).toHaveLength(0)
  await press()
  expect(page.text()).toContain('Welcome, Robin')
  const request = server.asked[0]!
  expect(new URL(request.url).pathname).toBe('/api/auth/links/redemption')
  expect(request.headers.get('x-crew-request')).toBe('1')
  const body = await request.clone().text()
  expect(JSON.parse(body)).toEqual({ token: 'abc.def', session: 'cookie' })
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body))
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  expect(request.headers.get('x-amz-content-sha256')).toBe(hex)
})

test('a link that was used says so', async () => {
  server.answer = () => Response.json({ title: 'no' }, { status: 400 })
  open('#token=abc.def')
  await press()
  expect(page.get('[role=alert]').text()).toContain('It was used already, or it is too old.')
})

test('without a link there is nothing to press', () => {
  open('')
  expect(page.find('button').exists()).toBe(false)
  expect(page.text()).toContain('Open the link in the mail')
})
