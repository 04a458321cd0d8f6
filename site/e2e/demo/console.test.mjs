// The console of the local AWS over the demo: a page of each kind, as `deployer local open` shows them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { LAPTOP, PHONE, axeFaults, open, overflow, screenshot, start } from '../browser.mjs'
import { deployer, root } from './mailbox.mjs'

const run = promisify(execFile)

let site
let visit
before(async () => {
  const { stdout } = await run(deployer, ['local', 'status', '--json'], { cwd: root })
  const url = stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)).find((each) => each.console).console
  site = { ...(await start()), url: url.replace(/\/$/, '') }
  visit = await open(site, '/')
})
after(() => site?.stop())

/** A page of each kind: which links lead there from the first one, and what it shows. */
const PAGES = {
  stacks: { by: [], shows: 'shipcaptaincrew' },
  stack: { by: ['shipcaptaincrew'], shows: 'function.crew-api' },
  functions: { by: ['Functions'], shows: 'crew-api' },
  function: { by: ['Functions', /crew-api/], shows: 'Invocations' },
  tables: { by: ['Tables'], shows: 'events' },
  rows: { by: ['Tables', /events/], shows: 'departs_at' },
  parameters: { by: ['Parameters'], shows: 'site-url' },
  mails: { by: ['Mail'], shows: 'admin@queenofsandiego.com' },
  mail: { by: ['Mail', /sign|link|welcome|invit/i], shows: 'From' },
}

for (const [name, { by, shows }] of Object.entries(PAGES)) {
  test(`${name}: reached from the first page, sound on a phone and a laptop, light and dark, and without a script`, async () => {
    const { page, complaints } = visit
    await page.goto(site.url)
    for (const link of by) await page.getByRole('link', { name: link }).first().click()
    await page.getByText(shows).first().waitFor()
    assert.equal(await page.locator('script').count(), 0)
    for (const viewport of [PHONE, LAPTOP]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        const at = `${name}, ${viewport.width}, ${colorScheme}`
        await screenshot(page, `console-${name}-${viewport.width}-${colorScheme}`)
        assert.equal(await overflow(page), 0, at)
        assert.deepEqual(await axeFaults(page), [], at)
      }
    }
    assert.deepEqual(complaints, [])
  })
}
