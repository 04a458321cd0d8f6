// Every page on a phone and a laptop, light and dark: axe finds nothing, nothing is wider than the window, everything
// that is pressed is large enough, the console and the content security policy are quiet.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LAPTOP, PHONE, axeFaults, overflow, screenshot, smallTargets, start } from './browser.mjs'
import { PAGES, openPage } from './pages.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

const LOOKS = [
  { device: 'phone', viewport: PHONE, colorScheme: 'light' },
  { device: 'phone', viewport: PHONE, colorScheme: 'dark' },
  { device: 'laptop', viewport: LAPTOP, colorScheme: 'light' },
  { device: 'laptop', viewport: LAPTOP, colorScheme: 'dark' },
]

for (const name of Object.keys(PAGES)) {
  test(`${name}: sound on a phone and a laptop, light and dark`, async () => {
    const { page, context, complaints } = await openPage(site, name)
    for (const { device, viewport, colorScheme } of LOOKS) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const at = `${name}, ${device}, ${colorScheme}`
      await screenshot(page, `${name}-${device}-${colorScheme}`)
      assert.equal(await overflow(page), 0, `${at}: wider than the window`)
      assert.deepEqual(await axeFaults(page), [], at)
      assert.deepEqual(await smallTargets(page), [], at)
    }
    await page.setViewportSize({ width: 320, height: 640 })
    assert.equal(await overflow(page), 0, `${name}: wider than the narrowest phone`)
    assert.deepEqual(complaints, [])
    await context.close()
  })
}
