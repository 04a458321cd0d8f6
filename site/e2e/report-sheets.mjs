// Puts the beginnings of all reports beside each other, for the documentation:
//
//   SCREENSHOTS=DIR node e2e/reports.mjs REPORTS && node e2e/report-sheets.mjs DIR ../docs/reports
//   CHROMIUM   as in browser.mjs
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const [from, to] = process.argv.slice(2).map((folder) => resolve(folder))
const NAMES = ['ceo', 'cto', 'accounting', 'cmo', 'cfo', 'rental', 'yacht-delivery', 'client-portfolio']
/** How wide each is shown, and how much of its height. */
const SHEETS = [
  { picture: 'desktop-light', width: 420, height: 1000 },
  { picture: 'phone-dark', width: 210, height: 640 },
]

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--allow-file-access-from-files'],
})
for (const { picture, width, height } of SHEETS) {
  const cell = (name) => {
    const address = pathToFileURL(join(from, `${name}-${picture}.png`)).href
    return `<div style="width:${width}px;height:${height}px;background:url(${address}) top/100% auto no-repeat"></div>`
  }
  const columns = `repeat(${NAMES.length / 2}, ${width}px)`
  const sheet = join(from, 'sheet.html')
  await writeFile(sheet, `<body style="margin:0;width:max-content;display:grid;gap:8px;grid-template-columns:${columns};background:#8a94a0">${NAMES.map(cell).join('')}`)
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } })
  await page.goto(pathToFileURL(sheet).href)
  await page.locator('body').screenshot({ path: join(to, `${picture}.jpg`), type: 'jpeg', quality: 60 })
}
await browser.close()
