import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LAPTOP, PHONE, open, overflow, screenshot, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** Loads the page and waits for the sails that the API has right now. */
async function openSails(options) {
  const visit = await open(site, '/', options)
  await visit.page.getByRole('article').first().waitFor()
  return visit
}

test('the page shows the sails that the API has, and a sunset', async () => {
  const { page, context, complaints } = await openSails()
  const now = Math.floor(Date.now() / 1000)
  const answer = await page.evaluate(async (url) => (await globalThis.fetch(url)).json(), `/api/sails?from=${now - 86400}`)
  const awaited = answer.sails.filter((sail) => sail.state === 'in_progress' || (sail.state !== 'completed' && sail.returns_at > now))
  assert.ok(awaited.length > 0, 'the API has no upcoming sail to show')
  assert.equal(await page.getByRole('article').count(), awaited.length)

  for (const sail of awaited) {
    const card = page.getByRole('article', { name: sail.title, exact: true }).first()
    assert.ok(await card.isVisible(), sail.title)
    const text = await card.innerText()
    assert.ok(text.includes(sail.vessel), `${sail.title} names its vessel`)
    if (sail.state !== 'cancelled') assert.match(text, /Sunset\s+\d+:\d\d\spm/)
  }
  const panel = page.getByRole('region', { name: 'Sun today' })
  await panel.getByText(/^Sunset$/).waitFor()
  assert.match(await panel.innerText(), /\d+:\d\d\spm/)
  assert.deepEqual(complaints, [])
  await context.close()
})

for (const [device, viewport] of Object.entries({ phone: PHONE, laptop: LAPTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`a ${device} in the ${colorScheme} scheme shows it all without scrolling sideways`, async () => {
      const { page, context, complaints } = await openSails({ viewport, colorScheme })
      await page.getByRole('region', { name: 'Sun today' }).getByText('First light', { exact: true }).waitFor()
      assert.equal(await overflow(page), 0)
      await screenshot(page, `sails-${device}-${colorScheme}`)
      assert.deepEqual(complaints, [])
      await context.close()
    })
  }
}

test('the narrowest phone and doubled text do not scroll sideways', async () => {
  const { page, context } = await openSails({ viewport: { width: 320, height: 640 } })
  assert.equal(await overflow(page), 0)
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
  assert.equal(await overflow(page), 0)
  await screenshot(page, 'sails-narrow-large-text')
  await context.close()
})

test('a device in another zone is told which one, and what differs', async () => {
  const { page, context } = await openSails({ timezoneId: 'Europe/Berlin' })
  await page.getByText(/This device is on Central European/).waitFor()
  assert.match(await page.getByRole('article').first().innerText(), /GMT[+]\d/)
  await screenshot(page, 'sails-phone-berlin')
  await context.close()
})

test('everything is reached with the keyboard', async () => {
  const { page, context } = await openSails()
  const reached = []
  for (let presses = 0; presses < 5; presses += 1) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate(() => document.activeElement.textContent.trim()))
  }
  assert.deepEqual(reached, ['Skip to the content', 'Ship Captain Crew', 'Sign in', 'Calendar', 'Refresh'])

  const refreshed = page.waitForResponse((response) => response.url().includes('/api/sails'))
  await page.keyboard.press('Enter')
  assert.equal((await refreshed).status(), 200)
  await page.getByRole('button', { name: 'Refresh', exact: true }).waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.textContent.trim()), 'Refresh')
  await context.close()
})

test('every control is large enough for a thumb', async () => {
  const { page, context } = await openSails()
  for (const control of await page.locator('a:not(.skip), button').all()) {
    const { width, height } = await control.boundingBox()
    assert.ok(width >= 44 && height >= 44, `${await control.innerText()}: ${width} × ${height}`)
  }
  await context.close()
})

test('a lost connection keeps the list, says so, and is noticed when it returns', async () => {
  const { page, context } = await openSails()
  await context.setOffline(true)
  await page.getByText('This is the list as of').waitFor()
  assert.ok(await page.getByRole('article').first().isVisible())
  await screenshot(page, 'sails-phone-offline')
  await context.setOffline(false)
  await page.getByText('This is the list as of').waitFor({ state: 'detached' })
  await context.close()
})

test('a failing API is explained in plain words and can be tried again', async () => {
  let failing = true
  const { page, context } = await open(site, '/', {
    before: (page) => page.route('**/api/**', (route) => (failing ? route.fulfill(problem(500)) : route.continue())),
  })
  const alert = page.getByRole('alert')
  await alert.getByText('The sails could not be loaded').waitFor()
  assert.doesNotMatch(await alert.innerText(), /500|Internal|problem/i)
  await screenshot(page, 'sails-phone-error')

  failing = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('article').first().waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1')
  await context.close()
})

test('no sails and a slow answer each have their own picture', async () => {
  let answer
  const asked = new Promise((resolve) => (answer = resolve))
  const { page, context } = await open(site, '/', {
    before: (page) =>
      page.route('**/api/sails*', async (route) => {
        await asked
        await route.fulfill({ json: { sails: [] } })
      }),
  })
  await page.getByText('Loading the sails').waitFor()
  await screenshot(page, 'sails-phone-loading')
  answer()
  await page.getByText('No sails planned').last().waitFor()
  await screenshot(page, 'sails-phone-empty')
  await context.close()
})

function problem(status) {
  const body = JSON.stringify({ type: 'about:blank', title: 'Internal Server Error', status })
  return { status, contentType: 'application/problem+json', body }
}
