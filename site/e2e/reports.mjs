// Looks at the executive reports as a mail program's window would: the HTML is sound, axe finds nothing serious, nothing
// is wider than the window, every picture is there.
//
//   node e2e/reports.mjs DIR   the folder that `report-mailer --out DIR` wrote
//   CHROMIUM, SCREENSHOTS      as in browser.mjs
import { createRequire } from 'node:module'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { htmlFaults } from './report-html.mjs'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SERIOUS = ['serious', 'critical']
const WINDOWS = { desktop: { width: 800, height: 900 }, phone: { width: 390, height: 844 } }

const folder = resolve(process.argv[2] ?? '.')
const pages = (await readdir(folder)).filter((name) => name.endsWith('.html')).sort()
if (pages.length === 0) throw new Error(`no reports in ${folder}`)

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
const faults = []
for (const name of pages) {
  faults.push(...(await htmlFaults(name, await readFile(join(folder, name), 'utf8'))))
  for (const [width, viewport] of Object.entries(WINDOWS)) {
    for (const colorScheme of ['light', 'dark']) {
      const at = `${name}, ${width}, ${colorScheme}`
      const context = await browser.newContext({ viewport, colorScheme })
      const page = await context.newPage()
      await page.goto(pathToFileURL(join(folder, name)).href)
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => globalThis.axe.run())
      for (const { id, impact, nodes } of violations.filter((each) => SERIOUS.includes(each.impact))) {
        faults.push(`${at}: ${impact} ${id}: ${nodes.slice(0, 2).map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`)
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (wide > 0) faults.push(`${at}: ${wide} pixels wider than the window`)
      const broken = await page.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src))
      if (broken.length > 0) faults.push(`${at}: no picture ${broken.join(', ')}`)
      if (process.env.SCREENSHOTS) {
        await mkdir(process.env.SCREENSHOTS, { recursive: true })
        const path = join(process.env.SCREENSHOTS, `${name.replace('.html', '')}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: true })
      }
      await context.close()
    }
  }
}
await browser.close()
for (const fault of faults) console.error(fault)
console.log(`${pages.length} pages, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
