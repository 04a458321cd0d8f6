// What every browser test starts from: a site to look at, and Chromium.
//
//   SITE_URL     a deployed site; without it the built one in dist/ is served with made-up sails
//   CHROMIUM     the browser's binary; /usr/bin/chromium by default
//   SCREENSHOTS  a folder to save pictures to; without it none are taken
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Milliseconds for a page to show what is expected; a function's cold start and a busy machine included. */
export const PATIENCE_MS = 20_000

/** A phone held upright, and a laptop. */
export const PHONE = { width: 390, height: 844 }
export const LAPTOP = { width: 1280, height: 800 }

/** Starts Chromium, and a server unless $SITE_URL names one. */
export async function start() {
  const server = process.env.SITE_URL ? null : await serveBuild()
  const url = process.env.SITE_URL?.replace(/\/+$/, '') ?? server.resolvedUrls.local[0].replace(/\/$/, '')
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    url,
    browser,
    async stop() {
      await browser.close()
      await server?.close()
    },
  }
}

async function serveBuild() {
  const { preview } = await import('vite')
  const root = fileURLToPath(new URL('..', import.meta.url))
  return preview({ root, logLevel: 'warn', preview: { host: '127.0.0.1', port: 0 } })
}

/** Pages are told apart by their own made-up world; a deployed site has one for all. */
let worlds = 0

/**
 * Opens a page in its own profile. `complaints` gathers what the browser's console calls an error, uncaught
 * exceptions, and violations of the content security policy. `world` names the made-up world that is shared with
 * another profile; without it the profile has one of its own.
 */
export async function open(site, path, { before, world = `world-${(worlds += 1)}`, ...options } = {}) {
  const context = await site.browser.newContext({ viewport: PHONE, timezoneId: 'America/Los_Angeles', ...options })
  await context.addCookies([{ name: 'world', value: world, url: site.url }])
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  await page.exposeFunction('noteViolation', (text) => complaints.push(`policy: ${text}`))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      globalThis.noteViolation(`${event.violatedDirective} ${event.blockedURI}`),
    ),
  )
  await before?.(page)
  await page.goto(site.url + path)
  return { page, context, complaints }
}

/** Signs in by a link of the made-up API, whose token is the person's key, and goes on to a page. */
export async function openAs(site, person, path, options) {
  const visit = await open(site, `/sign-in?next=${encodeURIComponent(path)}#token=${person}`, options)
  await visit.page.getByRole('button', { name: 'Sign in' }).click()
  await visit.page.waitForURL(site.url + path)
  return visit
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds on the page as it is: a line each. */
export async function axeFaults(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}: ${node.failureSummary}`))
}

/** How many pixels the page is wider than the window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

/** What can be pressed and is smaller than a thumb: 44 pixels. Links within a sentence are as high as its lines. */
export function smallTargets(page) {
  return page.evaluate(() => {
    const isInText = (element) => element.matches('p a, dd a, span a') && !element.matches('.button, .back')
    // A label is its control's target; the boxes inside are only drawn.
    const targets = [...document.querySelectorAll('a, button, input, select, textarea, summary')].map((each) =>
      each.matches('input[type=checkbox], input[type=radio]') ? (each.closest('label') ?? each) : each,
    )
    return targets
      .filter((each) => each.checkVisibility() && !isInText(each) && !each.matches('.skip'))
      .map((each) => ({ text: each.textContent.trim() || each.outerHTML.slice(0, 60), box: each.getBoundingClientRect(), over: getComputedStyle(each, '::after').position === 'absolute' }))
      .filter(({ box, over }) => !over && (box.width < 43.5 || box.height < 43.5))
      .map(({ text, box }) => `${text}: ${Math.round(box.width)} × ${Math.round(box.height)}`)
  })
}

export async function screenshot(page, name) {
  const folder = process.env.SCREENSHOTS
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
