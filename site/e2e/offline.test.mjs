// On a dock: the application without a signal, and with an API that fails. On the made-up API; the real one is asked in demo/.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axeFaults, open, openAs, screenshot, start } from './browser.mjs'
import { fillWaiver } from './waiver.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

const ready = (page) => page.evaluate(async () => void (await globalThis.navigator.serviceWorker.ready))
/** How many waivers wait, and how many drafts are held, on the device. */
const held = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = globalThis.indexedDB.open('crew')
        opening.onsuccess = () => {
          const all = ['waivers', 'drafts'].map((shelf) => opening.result.transaction(shelf).objectStore(shelf).count())
          all.at(-1).onsuccess = () => resolve(all.map((count) => count.result))
        }
      }),
  )

const requests = (page, method, path) => {
  const seen = []
  page.on('request', (request) => {
    if (request.method() === method && new URL(request.url()).pathname === path) seen.push(request)
  })
  return seen
}

test('a sail that was looked at opens without a signal, takes ticks, and sends them once', async () => {
  const { page, context } = await openAs(site, 'cleo', '/sails/now/checklist', { world: 'dock' })
  await page.getByText('Relieve the lookout').waitFor()
  await ready(page)
  const sent = requests(page, 'POST', '/api/sails/now/checklist/ticks')

  await context.setOffline(true)
  await page.reload()
  await page.getByText('No signal. You see what this device knew last.').waitFor()
  await page.getByRole('checkbox', { name: /Relieve the lookout/ }).check()
  await page.getByText('No signal. 1 tick waits on this device.').waitFor()
  await screenshot(page, 'checklist-offline-phone-light')
  assert.equal(sent.length, 0)
  await page.reload()
  await page.getByText('No signal. 1 tick waits on this device.').waitFor()
  assert.ok(await page.getByRole('checkbox', { name: /Relieve the lookout/ }).isChecked())

  await context.setOffline(false)
  await page.getByText('1 tick').waitFor({ state: 'detached' })
  assert.equal(sent.length, 1)
  const other = await openAs(site, 'dina', '/sails/now/checklist', { world: 'dock' })
  await other.page.getByText('done by Cleo Park').last().waitFor()
  assert.ok(await other.page.getByRole('checkbox', { name: /Relieve the lookout/ }).isChecked())
  await other.context.close()
  await context.close()
})

test('a guest signs without a signal; the waiver is sent when it is back, and leaves the phone', async () => {
  const { page, context } = await open(site, '/waiver#soon.a-token', { world: 'guest' })
  await fillWaiver(page, { name: 'Noor Adeyemi' })
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Sign the waiver' }).click()
  await page.getByText('Signed. It waits for a signal').waitFor()
  await screenshot(page, 'waiver-waits-phone-light')
  await context.setOffline(false)
  await page.getByText('1 waiver').waitFor({ state: 'detached' })
  assert.deepEqual(await held(page), [0, 0])
  const captain = await openAs(site, 'cleo', '/sails/soon/guests', { world: 'guest' })
  await captain.page.getByText('Noor Adeyemi', { exact: true }).waitFor()
  await captain.context.close()
  await context.close()
})

test('a waiver that is refused later is corrected by whoever signed it, and nothing of it is typed again', async () => {
  const { page, context } = await open(site, '/waiver#soon.a-token', { world: 'refused' })
  await fillWaiver(page, { name: 'Noor Adeyemi' })
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Sign the waiver' }).click()
  await page.getByText('Signed. It waits for a signal').waitFor()
  const errors = [{ field: '/emergency_contact/phone', detail: 'is not a telephone number' }]
  await page.route('**/api/waiver', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 400, json: { type: 'urn:problem:invalid-fields', title: 'No', status: 400, errors } })
      : route.continue(),
  )
  await context.setOffline(false)
  await page.getByText('The waiver of Noor Adeyemi could not be taken.').waitFor()
  await screenshot(page, 'waiver-refused-phone-light')

  await page.getByRole('link', { name: 'Correct it (Noor Adeyemi)' }).click()
  const phone = page.getByLabel('Their telephone number')
  await page.waitForFunction(() => document.activeElement.type === 'tel')
  assert.equal(await phone.getAttribute('aria-invalid'), 'true')
  assert.deepEqual(await axeFaults(page), [])
  await page.evaluate(() => globalThis.scrollTo(0, 0))
  await screenshot(page, 'waiver-correct-phone-light')
  await page.reload()
  await page.getByText('This is not a telephone number.').waitFor()
  assert.equal(await page.getByLabel('Your signature').inputValue(), 'Noor Adeyemi')

  await page.unroute('**/api/waiver')
  await phone.fill('+1 619 555 0199')
  await page.getByRole('button', { name: 'Sign the waiver' }).click()
  await page.getByText('Signed. You are all set').waitFor()
  assert.deepEqual(await held(page), [0, 0])
  await context.close()
})

test('a waiver of somebody who has signed another one meanwhile is told so, and thrown away when they say so', async () => {
  const late = await open(site, '/waiver#soon.a-token', { world: 'twice' })
  await fillWaiver(late.page, { name: 'Noor Adeyemi' })
  await late.context.setOffline(true)
  await late.page.getByRole('button', { name: 'Sign the waiver' }).click()
  await late.page.getByText('Signed. It waits for a signal').waitFor()
  const early = await open(site, '/waiver#soon.a-token', { world: 'twice' })
  await fillWaiver(early.page, { name: 'Noor Adeyemi', risk: 'Pregnancy' })
  await early.page.getByRole('button', { name: 'Sign the waiver' }).click()
  await early.page.getByText('The office has a look first').waitFor()
  await early.context.close()

  await late.context.setOffline(false)
  await late.page.getByRole('link', { name: 'Correct it (Noor Adeyemi)' }).click()
  await late.page.getByText('If that was you, all is done').waitFor()
  await late.page.getByRole('button', { name: 'Throw it away' }).click()
  await late.page.getByRole('dialog').getByRole('button', { name: 'Throw it away' }).click()
  await late.page.getByRole('heading', { level: 1, name: 'Before you sail' }).waitFor()
  await late.page.waitForFunction(() => document.activeElement.tagName === 'H1')
  assert.equal(await late.page.getByText('could not be taken').count(), 0)
  await late.context.close()
})

test('one of the crew whose waiver waits sees that after a reload, and where it stands once it is sent', async () => {
  const { page, context } = await openAs(site, 'faye', '/sails/night/waiver')
  await page.evaluate(async () => void (await globalThis.navigator.serviceWorker.ready))
  await fillWaiver(page, { name: 'Faye Lindqvist' })
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Sign the waiver' }).click()
  await page.getByText('Signed. It waits for a signal').waitFor()
  await page.reload()
  await page.getByText('Signed. It waits for a signal').waitFor()
  await context.setOffline(false)
  await page.getByText('You have signed for this sail').waitFor()
  await context.close()
})

test('a guest who has signed sees that again after a reload, and can hand the phone on', async () => {
  const { page, context } = await open(site, '/waiver#soon.a-token')
  await fillWaiver(page, { name: 'Noor Adeyemi' })
  await page.getByRole('button', { name: 'Sign the waiver' }).click()
  await page.getByText('Signed. You are all set').waitFor()
  await page.reload()
  await page.getByText('Thank you, Noor Adeyemi.').waitFor()
  await screenshot(page, 'waiver-signed-phone-light')
  await page.getByRole('button', { name: 'Somebody else signs on this phone' }).click()
  await page.getByLabel('Full name', { exact: true }).waitFor()
  assert.equal(await page.getByLabel('Full name', { exact: true }).inputValue(), '')
  await context.close()
})

test('what is typed into a waiver is there again after the page was closed', async () => {
  const { page, context } = await open(site, '/waiver#soon.a-token')
  await fillWaiver(page, { name: 'Noor Adeyemi' })
  await page.waitForFunction(
    () =>
      new Promise((resolve) => {
        const opening = globalThis.indexedDB.open('crew')
        opening.onsuccess = () => {
          const count = opening.result.transaction('drafts').objectStore('drafts').count()
          count.onsuccess = () => resolve(count.result === 1)
        }
      }),
  )
  await page.close()
  const again = await context.newPage()
  await again.goto(`${site.url}/waiver#soon.a-token`)
  await again.getByText('What you typed is still here.').waitFor()
  assert.equal(await again.getByLabel('Full name').first().inputValue(), 'Noor Adeyemi')
  await context.close()
})

test('a place that is asked for while the API fails is asked for again under the same key', async () => {
  const { page, context } = await openAs(site, 'ada', '/sails/night')
  await page.getByRole('button', { name: 'Give the place of Steward' }).click()
  await page.getByLabel('Person').selectOption({ label: 'Emil Novak' })
  const keys = []
  let failing = true
  await page.route('**/roles/designate', (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    return failing ? route.abort() : route.fulfill({ status: 200, json: { event_id: 'night', slot: 'steward#1', at: 1 } })
  })
  await page.getByRole('button', { name: 'Give it' }).click()
  await page.getByRole('dialog').getByText('The connection dropped').waitFor()
  await screenshot(page, 'role-dialog-failed-phone-light')
  failing = false
  await page.getByRole('button', { name: 'Give it' }).click()
  await page.getByText('Emil Novak sails as Steward.').waitFor()
  assert.equal(keys.length, 2)
  assert.equal(keys[0], keys[1])
  await context.close()
})

test('two people who edit a plan at once both keep their work', async () => {
  const mine = await openAs(site, 'ada', '/sails/night/edit', { world: 'plan' })
  const theirs = await openAs(site, 'ada', '/sails/night/edit', { world: 'plan' })
  await theirs.page.getByLabel('Title').fill('Stars and jazz')
  await theirs.page.getByRole('button', { name: 'Save' }).click()
  await theirs.page.getByRole('heading', { name: 'Stars and jazz' }).waitFor()

  await mine.page.getByLabel('Guests at most').fill('12')
  await mine.page.getByRole('button', { name: 'Save' }).click()
  await mine.page.getByText('Somebody else changed this sail while you were at it').waitFor()
  await screenshot(mine.page, 'edit-conflict-phone-light')
  assert.equal(await mine.page.getByLabel('Title').inputValue(), 'Stars and jazz')
  await mine.page.getByRole('button', { name: 'Save' }).click()
  await mine.page.getByRole('heading', { name: 'Stars and jazz' }).waitFor()
  await mine.page.getByText('up to 12 guests').waitFor()
  await mine.context.close()
  await theirs.context.close()
})

test('a session that ends while a page is open leads to the sign-in, with what was ticked still here', async () => {
  const { page, context } = await openAs(site, 'cleo', '/sails/now/checklist')
  await page.getByText('Relieve the lookout').waitFor()
  await page.route('**/api/**', (route) => route.fulfill({ status: 401, json: { type: 'about:blank', title: 'Unauthorized', status: 401 } }))
  await page.getByRole('checkbox', { name: /Relieve the lookout/ }).check()
  await page.getByText('Your session is over').waitFor()
  await page.unroute('**/api/**')
  const sent = requests(page, 'POST', '/api/sails/now/checklist/ticks')
  await page.goto(`${site.url}/sign-in?next=/sails/now/checklist#token=cleo`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('checkbox', { name: /Relieve the lookout/ }).waitFor()
  await page.getByText('1 tick').waitFor({ state: 'detached' })
  assert.ok(await page.getByRole('checkbox', { name: /Relieve the lookout/ }).isChecked())
  assert.equal(sent.length, 1)
  await context.close()
})

test('a dialog keeps the keyboard inside, closes on Escape and gives the focus back', async () => {
  const { page, context } = await openAs(site, 'ada', '/sails/night')
  const give = page.getByRole('button', { name: 'Give the place of Steward' })
  await give.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Who sails as Steward?' }).waitFor()
  assert.ok(await page.evaluate(() => globalThis.document.querySelector('dialog[open]').contains(globalThis.document.activeElement)))
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  assert.ok(await give.evaluate((element) => element === globalThis.document.activeElement))
  await context.close()
})
