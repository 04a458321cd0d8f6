import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineComponent, h, ref } from 'vue'
import { RouterView, createMemoryHistory, createRouter, type Router } from 'vue-router'
import { useLeaving, type Leaving } from './leaving'

const unsaved = ref(false)
let leaving: Leaving
let router: Router
let app: VueWrapper

const Page = defineComponent(() => {
  leaving = useLeaving(() => unsaved.value)
  return () => h('p', 'a page')
})
const Other = defineComponent(() => () => h('p', 'another'))

const path = () => router.currentRoute.value.path
/** Whether the browser would ask before the document goes. */
const isHeld = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))

beforeEach(async () => {
  unsaved.value = false
  const routes = [{ path: '/', component: Page }, { path: '/other', component: Other }, { path: '/third', component: Other }]
  router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/')
  app = mount({ render: () => h(RouterView) }, { global: { plugins: [router] } })
})
afterEach(() => app.unmount())

test('a page where all is saved is left without a word', async () => {
  expect(isHeld()).toBe(false)
  await router.push('/other')
  expect(path()).toBe('/other')
})

test('a page with something unsaved is left when the reader says so, and stays when not', async () => {
  unsaved.value = true
  for (const [leaves, at] of [[false, '/'], [true, '/other']] as const) {
    const going = router.push('/other')
    await flushPromises()
    expect(leaving.asked.value).toBe(true)
    expect(path()).toBe('/')
    leaving.answer(leaves)
    await going
    expect(path()).toBe(at)
    expect(leaving.asked.value).toBe(false)
  }
})

test('who asks for two ways out leaves by the later one', async () => {
  unsaved.value = true
  const first = router.push('/other')
  await flushPromises()
  const second = router.push('/third')
  await flushPromises()
  expect(leaving.asked.value).toBe(true)
  leaving.answer(true)
  await Promise.all([first, second])
  expect(path()).toBe('/third')
})

test('the browser asks before the document goes, as long as something is unsaved and the page is there', async () => {
  unsaved.value = true
  await flushPromises()
  expect(isHeld()).toBe(true)
  unsaved.value = false
  await flushPromises()
  expect(isHeld()).toBe(false)
  unsaved.value = true
  await flushPromises()
  app.unmount()
  expect(isHeld()).toBe(false)
})
