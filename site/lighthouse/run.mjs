// Measures the built site on a throttled phone: `npm run lighthouse`. A bench and not a test: figures move with the machine.
//
//   CHROMIUM   the browser's binary; /usr/bin/chromium by default
//   SITE_URL   a deployed site; without it dist/ is served with made-up sails, compressed as the front door does
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { launch } from 'chrome-launcher'
import lighthouse from 'lighthouse'

const PAGES = ['/', '/sign-in', '/waiver#soon.a-token']
const CATEGORIES = ['performance', 'accessibility', 'best-practices']
/** What Lighthouse's processor test says of the phone that it means: a laptop's 1,500, slowed four times. */
const PHONE_SPEED = 375
const root = fileURLToPath(new URL('..', import.meta.url))
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' }

/** What the front door does with files and the preview does not: it compresses them, and keeps what has a hash in its name. */
const frontDoor = {
  name: 'front-door',
  configurePreviewServer: (server) =>
    void server.middlewares.use(async (request, response, next) => {
      const path = new URL(request.url, 'http://localhost').pathname
      const file = extname(path) === '' && !path.startsWith('/api/') ? '/index.html' : path
      const type = TYPES[extname(file)]
      const body = type && (await readFile(join(root, 'dist', file)).catch(() => null))
      if (!body) return next()
      const cache = file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-encoding': 'gzip', 'cache-control': cache })
      response.end(gzipSync(body))
    }),
}

async function serve() {
  const { preview } = await import('vite')
  return preview({ root, logLevel: 'warn', plugins: [frontDoor], preview: { host: '127.0.0.1', port: 0 } })
}

const server = process.env.SITE_URL ? null : await serve()
const site = (process.env.SITE_URL ?? server.resolvedUrls.local[0]).replace(/\/$/, '')
const chrome = await launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'],
})
const options = { port: chrome.port, onlyCategories: CATEGORIES, logLevel: 'error' }
const { lhr: first } = await lighthouse(site, options)
const speed = Math.round(first.environment.benchmarkIndex)
/** Lighthouse's own phone: 1.6 Mbit/s, and a processor that is a quarter of a laptop's. A machine that is slow already is slowed less. */
const throttling = {
  rttMs: 150,
  throughputKbps: 1638.4,
  requestLatencyMs: 562.5,
  downloadThroughputKbps: 1474.56,
  uploadThroughputKbps: 675,
  cpuSlowdownMultiplier: Math.min(4, Math.max(1, speed / PHONE_SPEED)),
}
console.log(`speed of this machine ${speed}, slowed ${throttling.cpuSlowdownMultiplier.toFixed(1)} times\n`)
console.log('| page | performance | accessibility | best practices | first paint | largest paint | blocked | sent |')
console.log('|---|---|---|---|---|---|---|---|')
for (const page of PAGES) {
  const { lhr } = await lighthouse(site + page, { ...options, throttling })
  const scores = CATEGORIES.map((name) => Math.round(lhr.categories[name].score * 100))
  const shown = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'total-byte-weight']
  console.log(`| ${[page.replace(/#.*/, ''), ...scores, ...shown.map((name) => lhr.audits[name].displayValue.replace('Total size was ', ''))].join(' | ')} |`)
  const weak = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode === 'binary')
  for (const audit of weak) console.error(`${page}: ${audit.id}: ${audit.title}`)
}
await chrome.kill()
await server?.close()
