// A sail's list is changed by its captain and the office, with the keyboard alone, and by two people at once.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axeFaults, openAs, screenshot, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

const toEdit = async (person, world) => {
  const visit = await openAs(site, person, '/sails/now/checklist/edit', { world })
  await visit.page.getByRole('button', { name: 'Change Relieve the lookout' }).waitFor()
  return visit
}

test('a captain adds, changes and takes off; the crew sees it, and ticks stay', async () => {
  const { page, context, complaints } = await openAs(site, 'cleo', '/sails/now/checklist', { world: 'list' })
  await page.getByRole('link', { name: 'Edit the list' }).click()
  await page.getByRole('button', { name: 'Add to Under way' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add to the list' })
  await dialog.getByRole('button', { name: 'Add it' }).click()
  await dialog.getByText('Say in one line what is to be done.').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await dialog.getByLabel('What is to be done').fill('Show the guests the whales')
  await dialog.getByLabel('Who').selectOption({ label: 'Deckhand' })
  await dialog.getByLabel('How long').fill('45')
  await screenshot(page, 'checklist-add-phone-light')
  await dialog.getByRole('button', { name: 'Add it' }).click()

  await page.getByRole('button', { name: 'Change Relieve the lookout' }).click()
  await page.getByRole('dialog').getByLabel('Unit').selectOption('minutes')
  await page.getByRole('dialog').getByLabel('How long').fill('75')
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.getByRole('button', { name: 'Change Call the harbor' }).click()
  await page.getByRole('button', { name: 'Take it off the list' }).click()
  await page.getByText('1 added, 1 changed, 1 taken off.').waitFor()
  await screenshot(page, 'checklist-edited-phone-light')
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.waitForURL(/\/checklist$/)

  const other = await openAs(site, 'emil', '/sails/now/checklist', { world: 'list' })
  await other.page.getByText('Show the guests the whales').waitFor()
  assert.equal(await other.page.getByText('Call the harbor').count(), 0)
  assert.equal(await other.page.getByRole('link', { name: 'Edit the list' }).count(), 0)
  await other.page.getByText(/^7 of \d+ done$/).waitFor()
  assert.deepEqual([...complaints, ...other.complaints], [])
  await other.context.close()
  await context.close()
})

test('the list is changed and saved with the keyboard alone, and the focus is never lost', async () => {
  const { page, context } = await toEdit('cleo')
  const focused = () => page.evaluate(() => globalThis.document.activeElement?.textContent?.trim() || globalThis.document.activeElement?.tagName)
  const change = page.getByRole('button', { name: 'Change Relieve the lookout' })
  await change.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Change the entry' }).waitFor()
  await page.getByLabel('What is to be done').focus()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Look out for whales')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  assert.equal(await focused(), 'Change Look out for whales')
  for (let presses = 0; presses < 40 && (await focused()) !== 'Save the list'; presses += 1) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('checkbox', { name: /Look out for whales/ }).waitFor()
  assert.equal(await page.evaluate(() => globalThis.document.activeElement.tagName), 'H1')
  await context.close()
})

test('where an entry goes away or elsewhere, the reader stands at what takes its place, and is told', async () => {
  const { page, context } = await toEdit('cleo')
  const at = (name) => page.waitForFunction((text) => document.activeElement.textContent.trim() === text, name)
  const dialog = page.getByRole('dialog', { name: 'Change the entry' })
  const told = page.getByRole('status').filter({ hasText: 'taken off' })
  const takeOff = async (name) => {
    await page.getByRole('button', { name: `Change ${name}`, exact: true }).click()
    await dialog.getByRole('button', { name: 'Take it off the list' }).click()
  }
  await takeOff('Call the harbor')
  await at('Change Fenders out, lines ready')
  await told.filter({ hasText: 'Call the harbor is taken off.' }).waitFor()
  await takeOff('Fenders out, lines ready')
  await at('On the way back')

  await page.getByRole('button', { name: 'Keep it (Call the harbor)' }).click()
  await at('Change Call the harbor')
  await page.getByRole('button', { name: 'Change Call the harbor' }).click()
  await dialog.getByLabel('Part of the sail').selectOption({ label: 'Ashore again' })
  await dialog.getByRole('button', { name: 'Change it' }).click()
  await page.getByRole('region', { name: 'Ashore again' }).getByText('Call the harbor', { exact: true }).waitFor()
  await at('Change Call the harbor')
  await page.getByRole('status').filter({ hasText: 'Call the harbor is on the list, under Ashore again.' }).waitFor()
  await context.close()
})

test('two people who change a list at once both keep their work; where both changed the same, one chooses', async () => {
  const mine = await toEdit('cleo', 'lists')
  const theirs = await toEdit('ada', 'lists')
  const change = async ({ page }, name, text) => {
    await page.getByRole('button', { name: `Change ${name}` }).click()
    await page.getByLabel('What is to be done').fill(text)
    await page.getByRole('button', { name: 'Change it' }).click()
  }
  await change(theirs, 'Relieve the lookout', 'Relieve both lookouts')
  await change(theirs, 'Call the harbor', 'Call the harbor on 12')
  await theirs.page.getByRole('button', { name: 'Save the list' }).click()
  await theirs.page.waitForURL(/\/checklist$/)

  await change(mine, 'Call the harbor', 'Call the marina')
  await mine.page.getByRole('button', { name: 'Save the list' }).click()
  await mine.page.getByText('Somebody else changed this list while you were at it').waitFor()
  await mine.page.getByText('1 change of theirs was taken over.').waitFor()
  await mine.page.getByRole('button', { name: 'Change Relieve both lookouts' }).waitFor()
  await screenshot(mine.page, 'checklist-conflict-phone-light')
  assert.deepEqual(await axeFaults(mine.page), [])
  await mine.page.getByRole('button', { name: 'Take theirs there' }).click()
  await mine.page.getByText('Nothing is changed yet.').waitFor()
  await mine.context.close()
  await theirs.context.close()
})

test('a list whose answer was lost is not written twice', async () => {
  const { page, context } = await toEdit('cleo')
  await page.getByRole('button', { name: 'Change Call the harbor' }).click()
  await page.getByRole('button', { name: 'Take it off the list' }).click()
  let lost = true
  await page.route('**/checklist', async (route) => {
    if (route.request().method() !== 'PUT' || !lost) return route.continue()
    lost = false
    await route.fetch()
    await route.abort()
  })
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.getByText('The connection dropped before the answer came.').waitFor()
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.waitForURL(/\/checklist$/)
  await context.close()
})

test('who has another place on the sail is told whose the list is', async () => {
  const { page, context } = await openAs(site, 'emil', '/sails/now/checklist/edit')
  await page.getByText('This is for others to change').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Save the list' }).count(), 0)
  await context.close()
})
