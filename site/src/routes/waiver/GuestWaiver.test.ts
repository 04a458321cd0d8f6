import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, type Router } from 'vue-router'
import type { WaiverForm } from '../../lib/api/waivers'
import { keep } from '../../lib/keep/database'
import { keepReceipt } from '../../lib/keep/receipts'
import { makeRouter } from '../../router'
import { useOutbox } from '../../stores/outbox'
import { fakeServer, problem, type FakeServer } from '../../testing/server'
import { correctionOf } from './correction'
import { correctionDraft } from './draftNames'
import { emptyFields } from './waiver'
import GuestWaiverPage from './GuestWaiverPage.vue'

const LINK = 's1.token'
const place = { kind: 'guest', link: LINK } as const
const form = { name: 'Noor', born: '1988-05-17', emergency_contact: { name: 'Kim', phone: '5550142' }, medical: {}, signature: { typed: 'Noor' } } as WaiverForm
const receipt = { waiver_id: 'w', standing: 'signed', signed_at: 1 } as const
let server: FakeServer
let router: Router
let page: VueWrapper

/** The page as it opens after a reload: what the device knows is looked through first. */
async function open(to: Parameters<Router['push']>[0] = `/waiver#${LINK}`): Promise<ReturnType<typeof useOutbox>> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const outbox = useOutbox()
  await outbox.start()
  router = makeRouter(createMemoryHistory())
  await router.push(to)
  page = mount(GuestWaiverPage, { attachTo: document.body, global: { plugins: [pinia, router] } })
  return outbox
}

async function shows(text: string): Promise<void> {
  await vi.waitFor(async () => {
    await flushPromises()
    expect(page.text()).toContain(text)
  })
}

const press = (name: string) => page.findAll('button').find((each) => each.text() === name)?.trigger('click')

beforeEach(() => {
  const sail = { title: 'Sail', vessel: 'Jada', departs_at: 1_800_000_000, text_version: 'v', text: 'Text.' }
  server = fakeServer({ 'GET /api/waiver': () => Response.json(sail) })
})
afterEach(() => {
  page.unmount()
  useOutbox().$dispose()
  vi.unstubAllGlobals()
})

test('whoever has signed finds that again after a reload, and hands the phone on', async () => {
  await keepReceipt(LINK, 'Kim', { ...receipt, waiver_id: 'k' })
  await keepReceipt(LINK, 'Noor', receipt)
  await open()
  await shows('Thank you, Noor.')
  expect(page.text()).toContain('Signed on this phone as well: Kim.')
  expect(page.find('form').exists()).toBe(false)
  await press('Somebody else signs on this phone')
  await shows('Full name')
  expect((page.get('input').element as HTMLInputElement).value).toBe('')
})

test('somebody who was filling in when the page was closed goes on, whoever had signed before', async () => {
  await keepReceipt(LINK, 'Noor', receipt)
  await keep.put('drafts', { page: LINK, fields: { ...emptyFields(), name: 'Kim' }, at: 1 })
  await open()
  await shows('What you typed is still here.')
})

test('what waits for a signal is told as signed after a reload, and as taken when it was', async () => {
  await keep.put('waivers', { id: 'q1', place, form, signed_at: 1 })
  const outbox = await open()
  await shows('It waits for a signal')
  server.on('POST /api/waiver', () => Response.json(receipt, { status: 201 }))
  await vi.waitFor(() => expect(outbox.sending).toBe(false))
  await outbox.send()
  await shows('Thank you, Noor.')
})

test('what was refused is opened by its own address, and can be thrown away with all that was typed', async () => {
  server.on('POST /api/waiver', () => problem(409, 'urn:problem:signed-already'))
  const queued = { id: 'q1', place, form, signed_at: 1, refused: 'Somebody has signed.', faults: {} }
  await keep.put('waivers', queued)
  await keep.put('drafts', { page: correctionDraft('q1'), fields: { ...emptyFields(), name: 'Noor H.' }, at: 1 })
  await open(correctionOf(queued))
  await shows('Somebody has signed.')
  expect(page.get('h1').text()).toBe('Correct the waiver')
  await vi.waitFor(() => expect((page.get('input').element as HTMLInputElement).value).toBe('Noor H.'))
  await page.get('input').setValue('Noor Haddad')
  await page.get('dialog .danger').trigger('click')
  await vi.waitFor(async () => expect([await keep.all('waivers'), await keep.all('drafts')]).toEqual([[], []]))
  await shows('Before you sail')
  expect(router.currentRoute.value.fullPath).toBe(`/waiver#${LINK}`)
})
