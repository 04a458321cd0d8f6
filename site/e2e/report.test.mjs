import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, start } from './browser.mjs'

const LINK = '/reports/ceo/2026-11-21/0b0c-1'
const REPORT = '/api/reports/ceo.2026-11-21.0b0c-1.html'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** Signs in as who was on the way to the report. */
async function signedIn(person) {
  const visit = await open(site, `/sign-in?next=${encodeURIComponent(LINK)}#token=${person}`)
  await visit.page.getByRole('button', { name: 'Sign in' }).click()
  return visit
}

test('the link of a report leads who is signed out to the sign-in first', async () => {
  const { page, context } = await open(site, LINK)
  await page.waitForURL((url) => url.pathname === '/sign-in')
  assert.equal(new URL(page.url()).searchParams.get('next'), LINK)
  await context.close()
})

test('the link of a report leads a signed-in administrator to the report', async () => {
  const { page, context } = await signedIn('ada')
  await page.waitForURL(site.url + REPORT)
  await page.goto(site.url + LINK)
  await page.waitForURL(site.url + REPORT)
  await context.close()
})

test('it leads others to the sails', async () => {
  const { page, context } = await signedIn('dina')
  await page.waitForURL(`${site.url}/`)
  await context.close()
})
