import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useDraft, type KeptDraft } from './draft'
import { keep } from './keep/database'

interface Fields {
  count: number
}
let unmount = () => {}

/** A page that counts; nought is nothing to keep. */
async function open(): Promise<KeptDraft<Fields>> {
  let draft!: KeptDraft<Fields>
  const page = mount(
    defineComponent(() => {
      draft = useDraft('counter', () => ({ count: 0 }), ({ count }) => count > 0)
      return () => h('p', draft.fields.value.count)
    }),
  )
  unmount = () => {
    page.unmount()
    unmount = () => {}
  }
  await draft.ready
  return draft
}

/** A phone puts the page away: what is to be kept is kept at once. */
async function putAway(): Promise<void> {
  await flushPromises()
  document.dispatchEvent(new Event('visibilitychange'))
}
const kept = async () => (await keep.get('drafts', 'counter'))?.fields

afterEach(() => unmount())

test('what was changed is there again when the page is opened again', async () => {
  const { fields } = await open()
  fields.value.count = 3
  await putAway()
  await vi.waitFor(async () => expect(await kept()).toEqual({ count: 3 }))
  unmount()
  const again = await open()
  expect(again.isOld.value).toBe(true)
  expect(again.fields.value).toEqual({ count: 3 })
})

test('what is as it was at first is no draft any more', async () => {
  const { fields } = await open()
  fields.value.count = 3
  await putAway()
  await vi.waitFor(async () => expect(await kept()).toBeDefined())
  fields.value.count = 0
  await putAway()
  await vi.waitFor(async () => expect(await kept()).toBeUndefined())
})

test('whoever starts over begins with what the page says, and nothing is kept', async () => {
  await keep.put('drafts', { page: 'counter', fields: { count: 3 }, at: 1 })
  const { fields, isOld, startOver } = await open()
  await startOver()
  expect(fields.value).toEqual({ count: 0 })
  expect(isOld.value).toBe(false)
  await startOver({ count: 7 })
  expect(fields.value).toEqual({ count: 7 })
  unmount()
  await flushPromises()
  expect(await kept()).toBeUndefined()
})

test('what is sent is forgotten, also when the page goes at once', async () => {
  const { fields, forget } = await open()
  fields.value.count = 3
  await flushPromises()
  await forget()
  unmount()
  await flushPromises()
  expect(await kept()).toBeUndefined()
})
