// What every browser test starts from: a site to look at, and Chromium.
//
//   SITE_URL     a deployed site; without it the built one in dist/ is served with made-up sails
//   CHROMIUM     the browser's binary; /usr/bin/chromium by default
//   SCREENSHOTS  a folder to save pictures to; without it none are taken
import { mkdir } from 'node:fs/promises'
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

/**
 * Opens a page in its own profile. `complaints` gathers what the browser's console calls an error, uncaught
 * exceptions, and violations of the content security policy.
 */
export async function open(site, path, options = {}) {
  const context = await site.browser.newContext({ viewport: PHONE, timezoneId: 'America/Los_Angeles', ...options })
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
  await options.before?.(page)
  await page.goto(site.url + path)
  return { page, context, complaints }
}

export async function screenshot(page, name) {
  const folder = process.env.SCREENSHOTS
  if (!folder) return
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
