// The captured mail of the local AWS, read with the deployer as its owner would.
//
//   DEPLOYER  the deployer's binary; it works in the folder above the site
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PATIENCE_MS } from '../browser.mjs'

const run = promisify(execFile)
/** The project's folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const deployer = process.env.DEPLOYER ?? `${root}/.deployer/bin/deployer`

async function mail(...which) {
  const { stdout } = await run(deployer, ['local', 'mail', ...which, '--json'], { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line)).filter((each) => each.type === 'mail')
}

/** The number of the last mail to an address; 0: there is none. */
export async function lastMail(address) {
  const numbers = (await mail()).filter((each) => each.to.includes(address)).map((each) => each.number)
  return Math.max(0, ...numbers)
}

/** The path of the link in the first mail to an address after that one, and the code where it has one. */
export async function nextLink(address, after = 0) {
  const newer = async () => {
    const number = await lastMail(address)
    return number > after ? number : null
  }
  const number = await until(newer, 2 * PATIENCE_MS, () => `no mail came for ${address}`)
  const [{ text }] = await mail(String(number))
  const link = text.split(/\s+/).find((word) => word.includes('#token='))
  const code = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec(text)?.[0] ?? null
  return { path: link.slice(link.indexOf('/sign-in')), code }
}

/** What is asked for, as soon as there is something. Fails after so many milliseconds. */
export async function until(ask, patience, missing) {
  const last = Date.now() + patience
  for (;;) {
    const found = await ask()
    if (found) return found
    if (Date.now() > last) throw new Error(missing())
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
