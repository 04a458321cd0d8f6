// What a screen reader is told: the tree that Chromium gives to assistive technology, page by page; and where the reader
// stands after each change. No screen reader runs here; this is what one would read from.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openAs, start } from './browser.mjs'
import { PAGES, openPage } from './pages.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** Roles of what can be used. */
const CONTROLS = new Set(['button', 'link', 'textbox', 'checkbox', 'radio', 'combobox', 'spinbutton', 'switch', 'tab', 'DisclosureTriangle'])
/** Fields that Chromium builds of several. */
const FIELDS_OF_PARTS = new Set(['Date', 'DateTime', 'InputTime'])
/** Roles that say what a part of the page is for. */
const LANDMARKS = ['banner', 'main', 'navigation']

/** What assistive technology is given: role, name, heading level and depth of everything that is told, in order. */
async function spoken(page) {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  // What the browser makes of a field for dates is its own.
  const isOfField = ({ parentId }) => {
    const parent = byId.get(parentId)
    return parent !== undefined && (FIELDS_OF_PARTS.has(parent.role?.value) || isOfField(parent))
  }
  const told = nodes.filter((node) => !node.ignored && !isOfField(node))
  return told.map(({ role, name, properties = [] }) => ({
    role: role?.value,
    name: (name?.value ?? '').trim(),
    level: properties.find((each) => each.name === 'level')?.value.value,
    url: properties.find((each) => each.name === 'url')?.value.value,
  }))
}

const twice = (texts) => [...new Set(texts.filter((text, at) => texts.indexOf(text) !== at))]

for (const name of Object.keys(PAGES)) {
  test(`${name}: parts, headings and controls are told by name, and no two controls by the same one`, async () => {
    const { page, context } = await openPage(site, name)
    const tree = await spoken(page)
    const of = (role) => tree.filter((each) => each.role === role)
    for (const role of ['banner', 'main']) assert.equal(of(role).length, 1, role)
    const landmarks = tree.filter((each) => LANDMARKS.includes(each.role)).map((each) => `${each.role} ${each.name}`)
    assert.deepEqual(twice(landmarks), [])

    const levels = of('heading').map((each) => each.level)
    assert.equal(levels.filter((level) => level === 1).length, 1, 'one heading says what the page is')
    levels.reduce((before, level) => {
      assert.ok(level <= before + 1, `a heading of level ${level} stands below one of level ${before}`)
      return level
    }, 0)

    const controls = tree.filter((each) => CONTROLS.has(each.role))
    assert.deepEqual(controls.filter((each) => each.name === ''), [])
    // Two links of one name are one when they lead to the same place.
    const links = new Set(of('link').map((each) => `link ${each.name} ${each.url}`))
    const names = [...links].map((each) => each.slice(0, each.lastIndexOf(' ')))
    const others = controls.filter((each) => each.role !== 'link').map((each) => `${each.role} ${each.name}`)
    assert.deepEqual(twice([...names, ...others]), [])
    await context.close()
  })
}

/** What has the focus, as it is told. */
const focused = (page) =>
  page.evaluate(() => {
    const { activeElement } = globalThis.document
    return `${activeElement.tagName} ${activeElement.textContent.trim()}`
  })

test('after each change of page the reader stands at its heading, and the tab is named after it', async () => {
  const { page, context } = await openAs(site, 'ada', '/')
  const walk = [
    ['You', /^\/account$/, 'H1 Ada Moreno', 'Your account – Ship Captain Crew'],
    ['Office', /^\/office\/holds$/, 'H1 Office', 'Waivers on hold – Ship Captain Crew'],
    ['Look at the waiver of Leo Brandt', /^\/office\/holds\/soon/, 'H1 A waiver on hold', 'A waiver – Ship Captain Crew'],
    ['Sails', /^\/$/, 'H1 Upcoming sails', 'Sails – Ship Captain Crew'],
  ]
  for (const [link, path, at, title] of walk) {
    await page.getByRole('link', { name: link, exact: true }).click()
    await page.waitForURL((url) => path.test(url.pathname))
    await page.waitForFunction((text) => `${document.activeElement.tagName} ${document.activeElement.textContent.trim()}` === text, at)
    assert.equal(await page.title(), title)
  }
  await context.close()
})

test('where a doing takes away what was pressed, the reader stands at the heading above it', async () => {
  const at = (page, text) => page.waitForFunction((text) => `${document.activeElement.tagName} ${document.activeElement.textContent.trim()}` === text, text)
  const { page, context } = await openAs(site, 'ada', '/sails/soon')
  await page.getByRole('button', { name: 'Release the place of First Officer' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
  await page.getByRole('status').filter({ hasText: 'First Officer is open again.' }).waitFor()
  await at(page, 'H2 Crew')
  await page.goto(`${site.url}/office/holds/soon/guest-2`)
  await page.getByRole('button', { name: 'Look at it' }).click()
  await at(page, 'H1 Leo Brandt')
  await page.getByLabel('Why').fill('Called: fit to sail')
  await page.getByRole('button', { name: 'Clear the hold' }).click()
  await page.getByText('may go aboard').waitFor()
  await at(page, 'H1 Leo Brandt')
  await context.close()
})

test('whoever turns the list into a calendar and back still stands where they pressed', async () => {
  const { page, context } = await openAs(site, 'dina', '/')
  await page.getByRole('link', { name: 'Calendar' }).focus()
  for (const [heading, next] of [['Calendar', 'A List'], ['Upcoming sails', 'A Calendar']]) {
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    assert.equal(await focused(page), next)
  }
  await context.close()
})

test('what was done is told in a region that was there before, and why not as an alert', async () => {
  const { page, context } = await openAs(site, 'ada', '/office/people')
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' })
  await dialog.getByLabel('Name').fill('Somebody')
  await dialog.getByLabel('Mail address').fill('dina@crew.example.com')
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await dialog.getByRole('alert').getByText('Somebody has this address already.').waitFor()
  await dialog.getByLabel('Mail address').fill('somebody@crew.example.com')
  const regions = await page.getByRole('status').count()
  assert.ok(regions > 0)
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await page.getByRole('status').filter({ hasText: 'Somebody is invited.' }).waitFor()
  await page.waitForFunction(() => document.activeElement.textContent.trim() === 'Invite')
  await context.close()
})

test('a form that is not complete takes the reader to the first field that is wrong, and says why there', async () => {
  const { page, context } = await openAs(site, 'ada', '/sails/new')
  await page.getByRole('button', { name: 'Plan the sail' }).click()
  await page.getByRole('alert').waitFor()
  assert.match(await focused(page), /^INPUT/)
  const title = page.getByLabel('Title')
  assert.ok(await title.evaluate((element) => element === globalThis.document.activeElement))
  assert.equal(await title.getAttribute('aria-invalid'), 'true')
  const described = await title.getAttribute('aria-describedby')
  assert.equal(await page.locator(`[id="${described}"]`).textContent(), 'Give the sail a title of one line.')
  await context.close()
})
