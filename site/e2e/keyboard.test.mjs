// The main doings with the keyboard alone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, openAs, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** The most presses of Tab from one thing of a page to another. */
const MOST_PRESSES = 60

/** Presses Tab until something of that name has the focus, which must be seen; fails when it is not reached. */
async function reach(page, wanted) {
  for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
    const found = await wanted.evaluate((element) => {
      const { activeElement } = globalThis.document
      if (element !== activeElement && !element.contains(activeElement)) return null
      const box = activeElement.getBoundingClientRect()
      // The ring may be around the whole that is pressed: a choice's label, a card's link.
      const rings = [[activeElement], [activeElement, '::after'], [activeElement.closest('label') ?? activeElement]]
      const hasRing = rings.some((each) => globalThis.getComputedStyle(...each).outlineStyle !== 'none')
      const over = globalThis.document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      return { hasRing, isCovered: over !== null && !activeElement.contains(over) && !over.contains(activeElement) && !over.closest('label')?.contains(activeElement) }
    })
    if (found) {
      assert.deepEqual(found, { hasRing: true, isCovered: false }, `${wanted}`)
      return
    }
    await page.keyboard.press('Tab')
  }
  assert.fail(`${wanted} is not reached`)
}

async function press(page, wanted, key = 'Enter') {
  await wanted.first().waitFor()
  await reach(page, wanted.first())
  await page.keyboard.press(key)
}

test('somebody asks for a code, types it, and is at the sails', async () => {
  const { page, context } = await open(site, '/')
  await press(page, page.getByRole('link', { name: 'Sign in' }))
  await reach(page, page.getByLabel('Your mail address'))
  await page.keyboard.type('dina@crew.example.com')
  await page.keyboard.press('Enter')
  await reach(page, page.getByLabel('Code'))
  await page.keyboard.type('abcd-2345')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${site.url}/`)
  await page.waitForFunction(() => document.activeElement.tagName === 'H1')
  await context.close()
})

test('a sail is opened, an entry of its list ticked, and the tick taken back', async () => {
  const { page, context } = await openAs(site, 'dina', '/')
  await press(page, page.getByRole('link', { name: 'Harbor tour' }))
  await press(page, page.getByRole('link', { name: 'Checklist' }))
  const box = page.getByRole('checkbox', { name: /Relieve the lookout/ })
  await press(page, box, 'Space')
  assert.ok(await box.isChecked())
  await page.keyboard.press('Space')
  assert.ok(!(await box.isChecked()))
  await context.close()
})

test('a waiver is signed, a place taken with it, and given back', async () => {
  const { page, context } = await openAs(site, 'faye', '/sails/night')
  const take = page.getByRole('button', { name: 'Take it as Deckhand 1' })
  await press(page, take)
  await press(page, page.getByRole('dialog').getByRole('link', { name: 'Sign the waiver' }))
  const type = async (label, text) => {
    await reach(page, page.getByLabel(label).first())
    await page.keyboard.type(text)
  }
  await page.getByLabel('Date of birth').waitFor()
  // The name is known already; a date is typed in the order of the browser's language.
  await type('Date of birth', '05171988')
  await type('Whom do we call?', 'Kim Haddad')
  await type('Their telephone number', '+1 619 555 0142')
  await reach(page, page.getByRole('radio').first())
  await page.keyboard.press('Space')
  await page.getByRole('radio', { name: 'No, nothing' }).evaluate((element) => element.checked || element.focus())
  await page.keyboard.press('Space')
  await press(page, page.getByLabel('I have read and understood it.'), 'Space')
  await type('Your signature', 'Faye Lindqvist')
  await press(page, page.getByRole('button', { name: 'Sign the waiver' }))
  await page.getByText('Signed. You are all set').waitFor()

  await page.goto(`${site.url}/sails/night`)
  await press(page, take)
  await press(page, page.getByRole('dialog').getByRole('button', { name: 'Take it' }))
  await page.getByText('Deckhand 1 is yours.').waitFor()
  await press(page, page.getByRole('button', { name: /^Release/ }))
  await press(page, page.getByRole('dialog').getByRole('button', { name: 'Release' }))
  await page.getByText('Deckhand 1 is open again.').waitFor()
  await context.close()
})
