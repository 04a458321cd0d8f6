// Every page on a phone and a laptop, light and dark: axe finds nothing, nothing is wider than the window, everything
// that is pressed is large enough, the console and the content security policy are quiet.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LAPTOP, PHONE, axeFaults, open, openAs, overflow, screenshot, smallTargets, start } from './browser.mjs'

let site
before(async () => {
  site = await start()
})
after(() => site?.stop())

/** The pages: who looks, where, and what is there when it is all there. */
const PAGES = {
  'sign-in': { path: '/sign-in', shows: (page) => page.getByRole('button', { name: 'Send me a link' }) },
  'sign-in-code': { path: '/sign-in?step=code', shows: (page) => page.getByLabel('Code') },
  arrival: { path: '/sign-in#token=cleo', shows: (page) => page.getByRole('heading', { name: 'Welcome aboard' }) },
  waiver: { path: '/waiver#soon.a-token', shows: (page) => page.getByLabel('Your signature') },
  'waiver-cut-link': { path: '/waiver', shows: (page) => page.getByText('This link is not complete') },
  'not-found': { path: '/nobody-made-this', shows: (page) => page.getByRole('link', { name: 'See the upcoming sails' }) },
  'sails-signed-out': { path: '/', shows: (page) => page.getByRole('article').last() },
  sails: { as: 'dina', path: '/', shows: (page) => page.getByRole('article').last() },
  calendar: { as: 'dina', path: '/?view=calendar', shows: (page) => page.getByRole('table') },
  sail: { as: 'emil', path: '/sails/soon', shows: (page) => page.getByText('Last light') },
  'sail-captain': { as: 'cleo', path: '/sails/soon', shows: (page) => page.getByRole('button', { name: 'Start the sail' }) },
  'sail-open': { as: 'ada', path: '/sails/night', shows: (page) => page.getByText('Good evening times') },
  checklist: { as: 'cleo', path: '/sails/now/checklist', shows: (page) => page.getByText('Relieve the lookout') },
  guests: { as: 'cleo', path: '/sails/soon/guests', shows: (page) => page.getByText('Leo Brandt') },
  history: { as: 'ada', path: '/sails/soon/history', shows: (page) => page.getByText('planned the sail') },
  'own-waiver': { as: 'dina', path: '/sails/night/waiver', shows: (page) => page.getByLabel('Your signature') },
  plan: { as: 'ada', path: '/sails/new', shows: (page) => page.getByText('Good evening times') },
  edit: { as: 'ada', path: '/sails/night/edit', shows: (page) => page.getByText('Good evening times') },
  holds: { as: 'ada', path: '/office/holds', shows: (page) => page.getByText('Leo Brandt') },
  people: { as: 'ada', path: '/office/people', shows: (page) => page.getByText('Gil Tanaka') },
  mail: { as: 'ada', path: '/office/mail', shows: (page) => page.getByText('nudge-7f3a9c') },
  hold: { as: 'ada', path: '/office/holds/soon/guest-2', shows: (page) => page.getByRole('button', { name: 'Look at it' }) },
  person: { as: 'ada', path: '/office/people/dina', shows: (page) => page.getByText('invited by').or(page.getByText('by ada@')) },
  account: { as: 'cleo', path: '/account', shows: (page) => page.getByText('Everything you did is sent.') },
}

const LOOKS = [
  { device: 'phone', viewport: PHONE, colorScheme: 'light' },
  { device: 'phone', viewport: PHONE, colorScheme: 'dark' },
  { device: 'laptop', viewport: LAPTOP, colorScheme: 'light' },
  { device: 'laptop', viewport: LAPTOP, colorScheme: 'dark' },
]

for (const [name, { as, path, shows }] of Object.entries(PAGES)) {
  test(`${name}: sound on a phone and a laptop, light and dark`, async () => {
    const { page, context, complaints } = as ? await openAs(site, as, path) : await open(site, path)
    await shows(page).first().waitFor()
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
