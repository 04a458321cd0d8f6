// `deployer dev` with the real site: its pages as they are saved, before the real API; and nothing runs after it.
//
//   DEPLOYER  the deployer's binary; it works in the folder above the site
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { utimes } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PATIENCE_MS, open, start } from '../browser.mjs'
import { deployer, root, until } from './mailbox.mjs'
import { below, isAlive } from './processes.mjs'

const run = promisify(execFile)
/** One of the demo's crew, whom no other test asks for links: there are few in ten minutes. */
const VERA = 'vera@crew.example.com'
/** A style of every page. It is only saved again as it is, so that the test leaves nothing behind. */
const STYLE = fileURLToPath(new URL('../../src/lib/styles/tokens.css', import.meta.url))
/** Milliseconds until all is up: both stacks are looked at, and Vite starts. */
const START_MS = 6 * PATIENCE_MS

let site
let dev
let said = ''

/** What `dev` has said so far that a pattern finds. */
const heard = (pattern, patience = PATIENCE_MS) => until(() => pattern.exec(said), patience, () => `dev did not say ${pattern}:\n${said}`)

before(async () => {
  site = await start()
  dev = spawn(deployer, ['dev'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (part) => (said += part))
})
after(async () => {
  dev?.kill('SIGTERM')
  await site?.stop()
})

let served
let visit

test('the site is served as its files are, and the API behind it is the real one', async () => {
  const [, url] = await heard(/is served at (http:\S+?)\/ as its files are saved/, START_MS)
  await heard(/watching for changes/, START_MS)
  served = { ...site, url }
  await until(() => fetch(url).then((answer) => answer.ok, () => false), START_MS, () => `${url} does not answer:\n${said}`)
  visit = await open(served, '/')
  await visit.page.getByRole('article').first().waitFor()
  const sails = await visit.page.evaluate(async () => (await fetch('/api/sails')).json())
  assert.match(sails.sails[0].event_id, /./)
  assert.equal((await fetch(`${url}/@vite/client`)).status, 200)
})

test('a link that is asked for there is told as it leads there, and signs in', async () => {
  const { page } = visit
  await page.goto(`${served.url}/sign-in`)
  await page.getByLabel('Your mail address').fill(VERA)
  await page.getByRole('button', { name: 'Send me a link' }).click()
  const [link] = await heard(new RegExp(`${served.url}/sign-in#token=\\S+`))
  // A new page: the address of this one differs in nothing but its fragment.
  const arrived = await open(served, link.slice(served.url.length))
  await arrived.page.getByRole('button', { name: 'Sign in' }).click()
  await arrived.page.getByRole('link', { name: 'You' }).click()
  await arrived.page.getByText(VERA).waitFor()
  await arrived.context.close()
})

test('a file that is saved is in the page at once, without loading it again', async () => {
  const { page } = visit
  await page.evaluate(() => (globalThis.isTheSamePage = true))
  const updated = page.waitForEvent('console', (message) => message.text().includes('hot updated'))
  await utimes(STYLE, new Date(), new Date())
  assert.match((await updated).text(), /tokens\.css/)
  assert.ok(await page.evaluate(() => globalThis.isTheSamePage))
  await visit.context.close()
})

test('Ctrl-C ends it and all that it started, and leaves the AWS that ran before', async () => {
  const started = await below(dev.pid)
  assert.ok(started.length > 0, 'the server of the site')
  const ended = new Promise((resolve) => dev.once('exit', (code, signal) => resolve(code ?? signal)))
  dev.kill('SIGINT')
  assert.equal(await ended, 130)
  assert.deepEqual(started.filter(isAlive), [])
  await assert.rejects(fetch(served.url))
  // It ends with another code when it does not run.
  await run(deployer, ['local', 'status'], { cwd: root })
})
