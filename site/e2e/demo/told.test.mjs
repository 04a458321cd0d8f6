// What `make demo` tells at its end: each link leads where it says.
//
//   DEMO_TOLD  the text
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { open, start } from '../browser.mjs'

const told = process.env.DEMO_TOLD ?? ''

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** The address behind a name of the list. */
function linkOf(name) {
  const line = told.split('\n').find((each) => each.trim().startsWith(name))
  const link = line?.trim().slice(name.length).trim()
  assert.match(link ?? '', /^http:/, `${name}: ${line}`)
  return link
}

/** Who the links are for, and which of the main places they have. */
const PEOPLE = {
  administrator: ['Sails', 'Office', 'You'],
  'a captain': ['Sails', 'You'],
  'one of the crew': ['Sails', 'You'],
}

for (const [name, places] of Object.entries(PEOPLE)) {
  test(`the link of ${name} signs in with one press, and works once`, async () => {
    const link = linkOf(name)
    assert.ok(link.startsWith(`${site.url}/`), link)
    const path = link.slice(site.url.length)
    const { page, context, complaints } = await open(site, path)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('article').first().waitFor()
    assert.deepEqual(await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts(), places)
    assert.deepEqual(complaints, [])
    await context.close()

    const again = await open(site, path)
    await again.page.getByRole('button', { name: 'Sign in' }).click()
    await again.page.getByText('It was used already').waitFor()
    await again.context.close()
  })
}

test('the site, the API and the captured mail are where they are said to be', async () => {
  const { page, context } = await open(site, '/')
  await page.goto(linkOf('the site'))
  await page.getByRole('heading', { level: 1, name: 'Upcoming sails' }).waitFor()
  const api = await page.goto(linkOf('the API'))
  assert.ok(Array.isArray((await api.json()).sails))
  await page.goto(linkOf('captured mail'))
  await page.getByText('admin@queenofsandiego.com').first().waitFor()
  await context.close()
})
