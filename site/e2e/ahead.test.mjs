// What is there before the application runs, and where no script does; and the icons that browsers ask for.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LAPTOP, PHONE, axeFaults, open, overflow, screenshot, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** Where the bar and its words are, and the boat. */
const bar = async (page) => ({
  bar: await page.locator('header').boundingBox(),
  brand: await page.locator('.brand').boundingBox(),
  boat: await page.locator('.brand path').getAttribute('d'),
})

for (const [device, viewport] of Object.entries({ phone: PHONE, laptop: LAPTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`on a ${device} in the ${colorScheme} scheme the house stands before its scripts are there, and nothing of it moves when they are`, async () => {
      let show
      let arrive
      const shown = new Promise((resolve) => (show = resolve))
      const scripts = new Promise((resolve) => (arrive = resolve))
      const opening = open(site, '/', {
        viewport,
        colorScheme,
        before: async (page) => {
          await page.route('**/*.js', async (route) => {
            await scripts
            await route.continue()
          })
          show(page)
        },
      })
      const page = await shown
      await page.getByRole('status').filter({ hasText: /^Loading$/ }).waitFor()
      await page.waitForFunction(() => getComputedStyle(document.querySelector('header')).display === 'flex')
      const before = await bar(page)
      assert.ok(before.bar.width === viewport.width && before.bar.y === 0)
      assert.equal(await page.locator('.awaited:visible').count(), 4)
      assert.equal(await overflow(page), 0)
      assert.deepEqual(await axeFaults(page), [])
      await screenshot(page, `ahead-${device}-${colorScheme}`)

      arrive()
      const { context, complaints } = await opening
      await page.getByRole('heading', { level: 1, name: 'Upcoming sails' }).waitFor()
      assert.equal(await page.locator('.ahead').count(), 0)
      assert.deepEqual(await bar(page), before)
      assert.deepEqual(complaints, [])
      await context.close()
    })
  }
}

test('the house stands until the first page is there: no moment is blank', async () => {
  const { page, context } = await open(site, '/', {
    before: (page) =>
      page.addInitScript(() => {
        globalThis.blanks = 0
        const look = () => {
          const main = globalThis.document.querySelector('main')
          if (main && !main.matches('.ahead') && main.childElementCount === 0) globalThis.blanks += 1
        }
        new MutationObserver(look).observe(globalThis.document, { childList: true, subtree: true })
      }),
  })
  await page.getByRole('heading', { level: 1, name: 'Upcoming sails' }).waitFor()
  assert.equal(await page.evaluate(() => globalThis.blanks), 0)
  await context.close()
})

test('where no script runs the page says so, and waits for nothing', async () => {
  const context = await site.browser.newContext({ viewport: PHONE, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(site.url)
  await page.getByRole('heading', { name: 'It needs JavaScript' }).waitFor()
  assert.equal(await page.locator('.ahead:visible').count(), 0)
  await screenshot(page, 'no-script-phone-light')
  await context.close()
})

test('every icon that the page, its manifest or a browser by itself asks for is there', async () => {
  const { page, context } = await open(site, '/')
  const kinds = await page.evaluate(async () => {
    const linked = [...globalThis.document.querySelectorAll('link[rel~=icon], link[rel=apple-touch-icon]')].map((each) => each.href)
    const manifest = await (await globalThis.fetch(globalThis.document.querySelector('link[rel=manifest]').href)).json()
    const all = new Set(['/favicon.ico', ...linked, ...manifest.icons.map((each) => each.src)])
    const kindOf = async (path) => [path, (await globalThis.fetch(path)).headers.get('content-type')]
    return Promise.all([...all].map(kindOf))
  })
  assert.ok(kinds.length >= 6)
  assert.deepEqual(kinds.filter(([, kind]) => !/^image\//.test(kind ?? '')), [])
  await context.close()
})
