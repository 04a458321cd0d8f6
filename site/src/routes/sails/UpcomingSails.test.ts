import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import UpcomingSails from './UpcomingSails.vue'
import { aSail, slots } from './testing'

type Answer = (query: URLSearchParams) => Promise<Response>

async function nothing(): Promise<Response> {
  return Response.json({ sails: [] })
}

/** A server that keeps a world: change `answer` to change what it says. */
const server = { answer: nothing as Answer, asked: 0, signals: [] as AbortSignal[] }
let page: VueWrapper
let online = true

async function open(): Promise<void> {
  const whole = defineComponent({ render: () => [h('h1', { tabindex: -1 }, 'Upcoming sails'), h(UpcomingSails)] })
  page = mount(whole, { attachTo: document.body, global: { plugins: [createPinia()] } })
  // What the device keeps is looked at first.
  await new Promise((resolve) => setTimeout(resolve))
  await flushPromises()
}

beforeEach(() => {
  Object.assign(server, { answer: nothing, asked: 0, signals: [] })
  online = true
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online)
  vi.stubGlobal('fetch', (request: Request) => {
    server.asked += 1
    server.signals.push(request.signal)
    return server.answer(new URL(request.url).searchParams)
  })
})

afterEach(() => {
  page.unmount()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const sails = (...list: ReturnType<typeof aSail>[]) => async () => Response.json({ sails: list })
const lost = () => Promise.reject(new TypeError('Failed to fetch'))
const button = (name: string) => page.findAll('button').find((each) => each.text() === name)

async function setOnline(value: boolean): Promise<void> {
  online = value
  window.dispatchEvent(new Event(value ? 'online' : 'offline'))
  await flushPromises()
}

test('while the answer is awaited it says so, once', async () => {
  server.answer = () => new Promise(() => {})
  await open()
  expect(page.get('[role=status]').text()).toBe('Loading the sails')
  expect(page.get('.list').attributes('aria-busy')).toBe('true')
  expect(page.find('article').exists()).toBe(false)
  expect(page.find('[role=alert]').exists()).toBe(false)
})

test('sails are shown under their day with what is still open', async () => {
  server.answer = sails(aSail({ title: 'Evening <b>sail</b>', slots: slots('CF', 'DD') }))
  await open()
  const card = page.get('article')
  expect(card.get('h3').text()).toBe('Evening <b>sail</b>')
  expect(card.text()).toContain('JADA')
  expect(card.text()).toContain('2 of 4 crew places open')
  expect(card.get('.open').text()).toBe('Deckhand 2 of 2 open')
  expect(card.get('.filled').text()).toBe('Captain, First Officer filled')
  expect(card.get('.sunset').text()).toMatch(/^Sunset \d+:\d\d.[ap]m, under way$/)
  expect(card.findAll('time').map((time) => time.attributes('datetime'))).toHaveLength(3)
  expect(page.get('[role=status]').text()).toBe('1 sail, 2 open places')
})

test('a cancelled sail stays on the list without offering places', async () => {
  server.answer = sails(aSail({ state: 'cancelled' }))
  await open()
  expect(page.get('article').text()).toContain('Cancelled')
  expect(page.get('article').text()).not.toContain('open')
})

test('a sail without a known sunset is shown without one', async () => {
  server.answer = sails(aSail({ sunset_at: null }))
  await open()
  expect(page.get('article').find('.sunset').exists()).toBe(false)
})

test('it asks for sails that left within the last day, so that those still out are on the list', async () => {
  let from = 0
  server.answer = async (query) => {
    from = Number(query.get('from'))
    return Response.json({ sails: [] })
  }
  await open()
  expect(Math.abs(Date.now() / 1000 - 24 * 3600 - from)).toBeLessThan(10)
})

test('later sails are added on demand', async () => {
  const [first, second] = [aSail({ event_id: 'a' }), aSail({ event_id: 'b', title: 'Night sail' })]
  server.answer = async (query) =>
    Response.json(query.get('after') === 'more' ? { sails: [second] } : { sails: [first], next: 'more' })
  await open()
  expect(page.findAll('article')).toHaveLength(1)
  await button('Show later sails')?.trigger('click')
  await flushPromises()
  expect(page.findAll('article')).toHaveLength(2)
  expect(button('Show later sails')).toBeUndefined()
})

test('no sails is an answer, not a failure', async () => {
  await open()
  expect(page.text()).toContain('No sails planned')
  expect(page.find('[role=alert]').exists()).toBe(false)
})

describe('a failure', () => {
  test('is explained without codes and ends with trying again', async () => {
    server.answer = async () => Response.json({ type: 'about:blank', title: 'Internal', status: 500 }, { status: 500 })
    await open()
    const alert = page.get('[role=alert]')
    expect(alert.text()).toContain('Something went wrong on our side')
    expect(alert.text()).not.toMatch(/500|Internal/)

    server.answer = sails(aSail())
    button('Try again')?.element.focus()
    await button('Try again')?.trigger('click')
    await flushPromises()
    expect(page.find('[role=alert]').exists()).toBe(false)
    expect(page.find('article').exists()).toBe(true)
    expect(document.activeElement?.textContent).toBe('Upcoming sails')
  })

  test('of a refresh keeps the list and says how old it is', async () => {
    server.answer = sails(aSail())
    await open()
    server.answer = lost
    await button('Refresh')?.trigger('click')
    await flushPromises()
    expect(page.find('article').exists()).toBe(true)
    expect(page.get('[role=alert]').text()).toMatch(/list as of \d+:\d\d.[ap]m\. The connection dropped/)
  })
})

describe('without a connection', () => {
  test('it says so, and loads by itself when the connection is back', async () => {
    online = false
    server.answer = lost
    await open()
    expect(page.get('[role=alert]').text()).toContain('No signal')

    server.answer = sails(aSail())
    await setOnline(true)
    expect(page.text()).not.toContain('No signal')
    expect(page.find('article').exists()).toBe(true)
  })

  test('a list that is there stays, with its time', async () => {
    server.answer = sails(aSail())
    await open()
    await setOnline(false)
    expect(page.find('article').exists()).toBe(true)
    expect(page.get('[role=alert]').text()).toContain('This is the list as of')
    await setOnline(true)
    expect(page.find('[role=alert]').exists()).toBe(false)
    expect(server.asked).toBe(1)
  })
})

test('leaving the page ends the question', async () => {
  server.answer = () => new Promise(() => {})
  await open()
  expect(server.signals[0]?.aborted).toBe(false)
  page.unmount()
  expect(server.signals[0]?.aborted).toBe(true)
})
