// What is changed and not saved: nobody leaves it behind without a word.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axeFaults, openAs, screenshot, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** The pages on which something is changed and saved, and how one changes it. */
const CHANGES = {
  'a new sail': ['ada', '/sails/new', (page) => page.getByLabel('Title').fill('Stars')],
  'a plan': [
    'ada',
    '/sails/night/edit',
    async (page) => {
      await page.getByLabel('Guests at most').fill('12')
      await page.getByLabel('Guests at most').blur()
    },
  ],
  'a person': ['ada', '/office/people/dina', (page) => page.getByLabel('Name').fill('Dina')],
  'a checklist': [
    'cleo',
    '/sails/now/checklist/edit',
    async (page) => {
      await page.getByRole('button', { name: 'Change Call the harbor' }).click()
      await page.getByRole('button', { name: 'Take it off the list' }).click()
    },
  ],
}

const away = (page) => page.getByRole('link', { name: 'You', exact: true })

for (const [what, [person, path, change]] of Object.entries(CHANGES)) {
  test(`${what} that is changed and not saved: a link and a reload ask first; one stays or leaves`, async () => {
    const { page, context, complaints } = await openAs(site, person, path)
    // There is a way forward as well.
    await away(page).click()
    await page.waitForURL(`${site.url}/account`)
    await page.goBack()
    await change(page)
    await page.locator('h1').click()

    const asked = page.waitForEvent('dialog')
    // The page stands still until the question is answered.
    const reloading = page.evaluate(() => globalThis.location.reload())
    const question = await asked
    assert.equal(question.type(), 'beforeunload')
    await question.dismiss()
    await reloading

    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' })
    await away(page).click()
    await dialog.waitFor()
    assert.deepEqual(await axeFaults(page), [])
    await screenshot(page, `leaving-${path.split('/')[1]}-phone-light`)
    await dialog.getByRole('button', { name: 'Stay here' }).click()
    await dialog.waitFor({ state: 'hidden' })
    assert.equal(new URL(page.url()).pathname, path)

    await page.goForward()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.waitForURL(site.url + path)

    await away(page).click()
    await dialog.getByRole('button', { name: 'Leave', exact: true }).click()
    await page.waitForURL(`${site.url}/account`)
    assert.deepEqual(complaints, [])
    await context.close()
  })
}

test('a page on which nothing is changed, or all is saved, is left without a word', async () => {
  const { page, context } = await openAs(site, 'ada', '/sails/night/edit')
  await page.getByLabel('Title').fill('Stars and jazz')
  await page.getByLabel('Title').fill('Night sail under the stars')
  await away(page).click()
  await page.waitForURL(`${site.url}/account`)
  await page.goBack()
  await page.getByLabel('Title').fill('Stars and jazz')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Stars and jazz' }).waitFor()
  await context.close()
})

/** What is changed, and what shows it, where pages keep it on the device. */
const KEPT = {
  'a new sail': (page) => page.getByLabel('Title').inputValue(),
  'a plan': (page) => page.getByLabel('Guests at most').inputValue(),
  'a person': (page) => page.getByLabel('Name').inputValue(),
  'a checklist': (page) => page.getByRole('region', { name: 'Taken off' }).count(),
}

for (const [what, shown] of Object.entries(KEPT)) {
  test(`${what} that is changed is there again after the phone has closed the page, until one starts over or leaves it`, async () => {
    const [person, path, change] = CHANGES[what]
    const { page, context } = await openAs(site, person, path)
    const kept = (on, count) =>
      on.waitForFunction(
        (count) =>
          new Promise((resolve) => {
            const opening = globalThis.indexedDB.open('crew')
            opening.onsuccess = () => {
              const counting = opening.result.transaction('drafts').objectStore('drafts').count()
              counting.onsuccess = () => resolve(counting.result === count)
            }
          }),
        count,
      )
    await page.getByRole('heading', { level: 1 }).waitFor()
    await change(page)
    const changed = await shown(page)
    await kept(page, 1)
    await page.close()

    const again = await context.newPage()
    await again.goto(site.url + path)
    await again.getByText('is still here.').waitFor()
    assert.equal(await shown(again), changed)
    assert.deepEqual(await axeFaults(again), [])
    await screenshot(again, `kept-${path.split('/')[1]}-phone-light`)
    await again.getByRole('button', { name: 'Start over' }).click()
    await again.getByText('is still here.').waitFor({ state: 'detached' })
    assert.notEqual(await shown(again), changed)
    await kept(again, 0)

    await change(again)
    await kept(again, 1)
    await away(again).click()
    await again.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click()
    await again.waitForURL(`${site.url}/account`)
    await kept(again, 0)
    await context.close()
  })
}

test('a session that ends meanwhile takes nothing away: who signs in again goes on and saves', async () => {
  const { page, context } = await openAs(site, 'cleo', '/sails/now/checklist/edit', { world: 'ended' })
  await page.getByRole('button', { name: 'Change Relieve the lookout' }).click()
  await page.getByLabel('What is to be done').fill('Relieve both lookouts')
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.route('**/api/**', (route) => route.fulfill({ status: 401, json: { type: 'about:blank', title: 'Unauthorized', status: 401 } }))
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.getByText('Your session is over').waitFor()
  await page.unroute('**/api/**')

  await page.goto(`${page.url()}#token=cleo`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('What you changed is still here.').waitFor()
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.getByRole('checkbox', { name: /Relieve both lookouts/ }).waitFor()
  await context.close()
})
