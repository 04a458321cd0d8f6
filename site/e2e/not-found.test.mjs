import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, screenshot, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

test('an unknown address shows the not-found page and leads back', async () => {
  const { page, context, complaints } = await open(site, '/crew/nobody-made-this')
  await page.getByRole('heading', { level: 1, name: 'There is no page here' }).waitFor()
  assert.match(await page.title(), /^Page not found/)
  await screenshot(page, 'not-found-phone')

  await page.getByRole('link', { name: 'See the upcoming sails' }).click()
  const heading = page.getByRole('heading', { level: 1, name: 'Upcoming sails' })
  await heading.waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  assert.ok(await heading.evaluate((element) => element === document.activeElement), 'the heading has the focus')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the page carries a policy that forbids inline scripts', async () => {
  // Asked by the browser: Node does not resolve the names under .localhost that a deployed site may have.
  const { page, context } = await open(site, '/')
  const response = await page.reload()
  const policy = response.headers()['content-security-policy'] ?? ''
  assert.match(policy, /default-src [^;]*'self'/)
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/)
  await context.close()
})
