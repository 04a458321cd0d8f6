// Every page and state that is looked at on the made-up API.
import { open, openAs } from './browser.mjs'

/** The pages: who looks, where, and what is there when it is all there. */
export const PAGES = {
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
  'edit-checklist': { as: 'cleo', path: '/sails/now/checklist/edit', shows: (page) => page.getByText('Relieve the lookout') },
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

/** Opens a page of the list in a profile of its own, and waits until all of it is there. */
export async function openPage(site, name) {
  const { as, path, shows } = PAGES[name]
  const visit = as ? await openAs(site, as, path) : await open(site, path)
  await shows(visit.page).first().waitFor()
  return visit
}
