// The whole product as it is shipped: the real functions behind the front door of the local AWS, in a real browser.
// The tests are one story and run in its order.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LAPTOP, open as openPage, screenshot, start } from '../browser.mjs'
import { contentSecurityPolicy } from '../content-security-policy.mjs'
import { fillWaiver } from '../waiver.mjs'
import { lastMail, nextLink } from './mailbox.mjs'

const ADMIN = 'admin@queenofsandiego.com'
/** Nobody has these addresses, and no two runs have the same. */
const RUN = Date.now().toString(36)
const CASEY = { name: 'Casey', email: `casey-${RUN}@crew.example.com`, grant: 'Captain' }
const DREW = { name: 'Drew', email: `drew-${RUN}@crew.example.com` }
const REMY = { name: 'Remy', email: `remy-${RUN}@crew.example.com` }
const TITLE = `Evening of ${RUN}`

let site
let sail = ''
const open = (path, options) => openPage(site, path, options)
/** The browsers of the story, by who uses them. */
const who = {}

before(async () => {
  site = await start()
})
after(() => site?.stop())

async function signInBy(link, path = '/') {
  const visit = await open(link)
  await visit.page.getByRole('button', { name: 'Sign in' }).click()
  await visit.page.waitForURL(`${site.url}${path}`)
  return visit
}

async function toSail(visit, part = '') {
  await visit.page.goto(`${site.url}${sail}${part}`)
  await visit.page.getByRole('heading', { level: 1, name: TITLE }).waitFor()
}

/** Ticks everything that is on the page and not done, folded away or not. */
async function tickAll(page) {
  await page.getByRole('checkbox').first().waitFor()
  const folded = page.locator('details:not([open]) > summary')
  while ((await folded.count()) > 0) await folded.first().click()
  for (const box of await page.getByRole('checkbox').all()) if (!(await box.isChecked())) await box.check()
  await page.getByText('to be sent').first().waitFor({ state: 'detached' })
}

test('an administrator asks for a link, and the mail’s link signs in when it is pressed, not when it is loaded', async () => {
  const before = await lastMail(ADMIN)
  const asking = await open('/sign-in')
  await asking.page.getByLabel('Your mail address').fill(ADMIN)
  await asking.page.getByRole('button', { name: 'Send me a link' }).click()
  await asking.page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
  const { path } = await nextLink(ADMIN, before)

  const scanner = await open(path)
  await scanner.page.getByRole('button', { name: 'Sign in' }).waitFor()
  assert.doesNotMatch(scanner.page.url(), /token/)
  await scanner.context.close()

  who.admin = await signInBy(path)
  await who.admin.page.getByRole('link', { name: 'Office' }).waitFor()
  assert.doesNotMatch(who.admin.page.url(), /token/)
  await asking.context.close()
  await who.admin.page.setViewportSize(LAPTOP)
})

test('the session is a cookie that no script reads, and nothing that signs in is stored', async () => {
  const { page, context } = who.admin
  const session = (await context.cookies()).find((cookie) => cookie.name === '__Host-session')
  assert.ok(session.httpOnly && session.secure && session.sameSite === 'Strict' && session.path === '/')
  const stored = await page.evaluate(() => [document.cookie.includes('session'), Object.keys(localStorage).length])
  assert.deepEqual(stored, [false, 0])
})

test('the front door sends the headers that the site is tested under', async () => {
  const response = await who.admin.page.goto(site.url)
  const headers = response.headers()
  const policy = headers['content-security-policy'].split('; ')
  for (const directive of policy) assert.ok(contentSecurityPolicy.includes(directive), directive)
  assert.ok(policy.includes("require-trusted-types-for 'script'"))
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['referrer-policy'], 'no-referrer')
  assert.match(headers['strict-transport-security'], /max-age=\d{8}/)
})

test('people are invited and come by the link of their mail, or by a code', async () => {
  const { page } = who.admin
  await page.goto(`${site.url}/office/people`)
  for (const person of [CASEY, DREW, REMY]) {
    await page.getByRole('button', { name: 'Invite' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill(person.name)
    await dialog.getByLabel('Mail address').fill(person.email)
    if (person.grant) await dialog.getByRole('checkbox', { name: person.grant }).check()
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
    await page.getByText(`${person.name} is invited.`).waitFor()
  }
  who.casey = await signInBy((await nextLink(CASEY.email)).path)
  who.remy = await signInBy((await nextLink(REMY.email)).path)

  await nextLink(DREW.email)
  const before = await lastMail(DREW.email)
  who.drew = await open('/sign-in')
  await who.drew.page.getByLabel('Your mail address').fill(DREW.email)
  await who.drew.page.getByRole('button', { name: 'Send me a link' }).click()
  const { code } = await nextLink(DREW.email, before)
  await who.drew.page.getByLabel('Code').fill(code.toLowerCase())
  await who.drew.page.getByRole('button', { name: 'Sign in' }).click()
  await who.drew.page.getByRole('link', { name: 'You' }).waitFor()
})

test('an address that is taken is refused in plain words', async () => {
  const { page } = who.admin
  await page.getByRole('button', { name: 'Invite' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Somebody')
  await dialog.getByLabel('Mail address').fill(CASEY.email)
  await dialog.getByRole('button', { name: 'Invite', exact: true }).click()
  await dialog.getByText('Somebody has this address already.').waitFor()
  await page.keyboard.press('Escape')
})

test('an administrator plans a sail and confirms it', async () => {
  const { page } = who.admin
  await page.goto(`${site.url}/sails/new`)
  const local = (minutes) => {
    const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/Los_Angeles', dateStyle: 'short', timeStyle: 'short' })
    return parts.format(Date.now() + minutes * 60_000).replace(' ', 'T')
  }
  await page.getByLabel('Title').fill(TITLE)
  await page.getByLabel('Departs').fill(local(40))
  await page.getByLabel('Departs').blur()
  await page.getByLabel('Back').fill(local(160))
  await page.getByRole('button', { name: 'Plan the sail' }).click()
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor()
  sail = new URL(page.url()).pathname
  await page.getByRole('button', { name: 'Confirm the sail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm the sail' }).click()
  await page.getByText('Confirmed', { exact: true }).waitFor()
})

test('a place wants a waiver first; the crew signs it on the phone', async () => {
  await toSail(who.casey)
  await who.casey.page.getByRole('button', { name: 'Take it as Captain' }).click()
  await who.casey.page.getByRole('dialog').getByText('A signed waiver for this sail comes first.').waitFor()
  for (const [visit, person] of [[who.casey, CASEY], [who.drew, DREW], [who.remy, REMY]]) {
    await visit.page.goto(`${site.url}${sail}/waiver`)
    await fillWaiver(visit.page, { name: person.name })
    await visit.page.getByRole('button', { name: 'Sign the waiver' }).click()
    await visit.page.getByText('Signed. You are all set').waitFor()
  }
  await toSail(who.casey)
  await who.casey.page.getByRole('button', { name: 'Take it as Captain' }).click()
  await who.casey.page.getByRole('dialog').getByRole('button', { name: 'Take it' }).click()
  await who.casey.page.getByText('Captain is yours.').waitFor()
})

test('two browsers take one place at once: one has it, the other is told who was faster', async () => {
  const asking = [who.drew, who.remy]
  for (const visit of asking) {
    await toSail(visit)
    await visit.page.getByRole('button', { name: 'Take it as Deckhand 1' }).click()
  }
  await Promise.all(asking.map((visit) => visit.page.getByRole('dialog').getByRole('button', { name: 'Take it' }).click()))
  const outcomes = await Promise.all(
    asking.map(async ({ page }) => {
      const won = page.getByText('Deckhand 1 is yours.')
      const lost = page.getByRole('dialog').getByText('Somebody else was faster.')
      await won.or(lost).first().waitFor()
      return (await lost.isVisible()) ? 'lost' : 'won'
    }),
  )
  assert.deepEqual([...outcomes].sort(), ['lost', 'won'])
  who.deckhand = asking[outcomes.indexOf('won')]
  who.late = asking[outcomes.indexOf('lost')]
  await screenshot(who.late.page, 'demo-place-lost-phone')
  await who.late.page.keyboard.press('Escape')
  await who.late.page.getByText(who.deckhand === who.drew ? DREW.name : REMY.name).first().waitFor()
})

test('the captain hands a place over, whoever has it releases it, and it is taken again', async () => {
  // Earlier runs may have left people of the same name: the key is asked for.
  const { person_id } = await who.late.page.evaluate(async () => (await fetch('/api/auth/session')).json())
  const { page } = who.casey
  await toSail(who.casey)
  await page.getByRole('button', { name: 'Hand over the place of Deckhand 1' }).click()
  await page.getByRole('dialog').getByLabel('Person').selectOption(person_id)
  await page.getByRole('dialog').getByRole('button', { name: 'Give it' }).click()
  await page.getByText('sails as Deckhand 1.').waitFor()

  await toSail(who.late)
  await who.late.page.getByRole('button', { name: 'Release the place of Deckhand 1' }).click()
  await who.late.page.getByRole('dialog').getByRole('button', { name: 'Release', exact: true }).click()
  await who.late.page.getByText('Deckhand 1 is open again.').waitFor()

  await toSail(who.deckhand)
  await who.deckhand.page.getByRole('button', { name: 'Take it as Deckhand 1' }).click()
  await who.deckhand.page.getByRole('dialog').getByRole('button', { name: 'Take it' }).click()
  await who.deckhand.page.getByText('Deckhand 1 is yours.').waitFor()
})

test('a guest signs on a phone; what must be looked at is on hold, kindly, until an administrator clears it', async () => {
  await toSail(who.casey, '/guests')
  await who.casey.page.getByRole('button', { name: 'Show the link' }).click()
  const link = new URL(await who.casey.page.getByRole('textbox', { name: 'Link' }).inputValue())
  const guest = await open(link.pathname + link.hash)
  await fillWaiver(guest.page, { name: `Noor ${RUN}`, risk: 'Asthma or trouble breathing' })
  await guest.page.getByRole('button', { name: 'Sign the waiver' }).click()
  await guest.page.getByText('Signed. The office has a look first').waitFor()
  await screenshot(guest.page, 'demo-waiver-on-hold-phone')
  assert.deepEqual(guest.complaints, [])
  await guest.context.close()

  const { page } = who.admin
  await page.goto(`${site.url}/office/holds`)
  await page.getByRole('link', { name: `Look at the waiver of Noor ${RUN}` }).click()
  assert.equal(await page.getByText('The inhaler is in my bag.').count(), 0)
  await page.getByRole('button', { name: 'Look at it' }).click()
  await page.getByText('The inhaler is in my bag.').waitFor()
  await page.getByLabel('Why').fill('Called: fit to sail')
  await page.getByRole('button', { name: 'Clear the hold' }).click()
  await page.getByText('may go aboard').waitFor()

  await toSail(who.casey, '/guests')
  await who.casey.page.getByText('Cleared').waitFor()
  await who.casey.page.getByRole('button', { name: `Aboard (Noor ${RUN})` }).click()
  await who.casey.page.getByText(`Noor ${RUN} is aboard.`).waitFor()
})

test('the captain adds to the list of the sail, and the crew sees it', async () => {
  const { page } = who.casey
  await toSail(who.casey, '/checklist')
  await page.getByRole('link', { name: 'Edit the list' }).click()
  await page.getByRole('button', { name: 'Add to Before departure' }).click()
  await page.getByLabel('What is to be done').fill('Bring the birthday cake aboard')
  await page.getByRole('button', { name: 'Add it' }).click()
  await page.getByRole('button', { name: 'Save the list' }).click()
  await page.getByRole('checkbox', { name: /birthday cake/ }).waitFor()
  await toSail(who.deckhand, '/checklist')
  await who.deckhand.page.getByText('Bring the birthday cake aboard').waitFor()
})

test('two phones tick without a signal: when they are back, both lists hold everything that either ticked', async () => {
  const phones = [who.casey, who.deckhand]
  for (const visit of phones) {
    await toSail(visit, '/checklist')
    await visit.page.getByText('Read the forecast and the tides, and decide').waitFor()
    await visit.context.setOffline(true)
  }
  const [captain, deckhand] = phones.map((visit) => visit.page.getByRole('checkbox'))
  for (const at of [0, 1]) await captain.nth(at).check()
  for (const at of [1, 2]) await deckhand.nth(at).check()
  await who.casey.page.getByText('No signal. 2 ticks wait on this device.').waitFor()
  for (const visit of phones) await visit.context.setOffline(false)
  for (const visit of phones) {
    await visit.page.getByText('wait on this device').waitFor({ state: 'detached' })
    await visit.page.getByText('to be sent').first().waitFor({ state: 'detached' })
    await visit.page.reload()
    await visit.page.getByText(/^3 of \d+ done$/).waitFor()
  }
})

test('a sail is lived from its start to its end, and its history tells who did what', async () => {
  const { page } = who.casey
  await toSail(who.casey)
  await page.getByRole('button', { name: 'Start the sail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start the sail' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'See what is left' }).click()
  await tickAll(page)
  await toSail(who.casey)
  await page.getByRole('button', { name: 'Start the sail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start the sail' }).click()
  await page.getByText('Under way', { exact: true }).waitFor()
  await toSail(who.casey, '/checklist')
  await tickAll(page)
  await toSail(who.casey)
  await page.getByRole('button', { name: 'Complete the sail' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Complete the sail' }).click()
  await page.getByText('Completed', { exact: true }).waitFor()

  await toSail(who.admin, '/history')
  for (const deed of ['planned the sail', 'confirmed the sail', 'handed deckhand 1 from', 'released deckhand 1', 'started the sail', 'completed the sail', 'cleared a hold: “Called: fit to sail”']) {
    await who.admin.page.getByText(deed).first().waitFor()
  }
  await screenshot(who.admin.page, 'demo-history-laptop')
})

test('a person who is shut out is out with the next request; one who signs out keeps nothing', async () => {
  const { page } = who.admin
  await page.goto(`${site.url}/office/people`)
  await page.getByLabel('Find').fill(REMY.email)
  await page.getByRole('link', { name: REMY.email }).click()
  await page.getByRole('button', { name: 'Shut out' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Shut out' }).click()
  await page.getByText('Shut out. Their next request is refused.').waitFor()
  await who.remy.page.goto(`${site.url}/account`)
  await who.remy.page.getByText('Your session is over').waitFor()
  await screenshot(who.remy.page, 'demo-shut-out-phone')

  await who.drew.page.goto(`${site.url}/account`)
  await who.drew.page.getByRole('button', { name: 'Sign out here' }).click()
  await who.drew.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await who.drew.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.ok(!(await who.drew.context.cookies()).some((cookie) => cookie.name === '__Host-session'))
  await who.drew.page.goto(`${site.url}${sail}`)
  await who.drew.page.waitForURL(/sign-in\?next=/)
})

test('nobody’s console complained on the way', () => {
  // A refusal that the page explains is an error to the console alone.
  const unexplained = Object.values(who).flatMap((visit) => visit.complaints).filter((each) => !/status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(each))
  assert.deepEqual([...new Set(unexplained)], [])
})
