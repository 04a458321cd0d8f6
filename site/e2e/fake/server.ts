// A made-up crew API for `npm run dev` and the quick browser tests. Never part of the build. It keeps the API's shapes
// and its main rules; what is true is tested against the real one.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import { problem, type Answer, type Asked } from './answer.ts'
import { routes } from './routes.ts'
import { makeWorld, type World } from './world.ts'

/** Answers /api/* of the dev and the preview server. */
export function fakeApi(): Plugin {
  const worlds = new Map<string, World>()
  const serve = (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!url.pathname.startsWith('/api/')) return next()
    answer(worlds, request, url).then(
      (given) => send(response, given),
      () => send(response, problem(500, 'Internal Server Error')),
    )
  }
  return {
    name: 'fake-api',
    configureServer: (server) => void server.middlewares.use(serve),
    configurePreviewServer: (server) => void server.middlewares.use(serve),
  }
}

async function answer(worlds: Map<string, World>, request: IncomingMessage, url: URL): Promise<Answer> {
  const cookies = Object.fromEntries((request.headers.cookie ?? '').split('; ').map((pair) => pair.split('=') as [string, string]))
  const name = cookies.world ?? 'default'
  const now = Math.floor(Date.now() / 1000)
  const world = worlds.get(name) ?? makeWorld(now)
  worlds.set(name, world)
  const text = await bodyOf(request)
  const person = world.people.get(cookies['fake-session'] ?? '')
  const method = request.method ?? 'GET'
  if (method !== 'GET' && request.headers['x-crew-request'] !== '1') return problem(403, 'Forbidden')
  const asked: Asked = {
    world,
    now,
    headers: request.headers,
    query: url.searchParams,
    body: text === '' ? {} : JSON.parse(text),
    person: person?.membership === 'active' ? person : null,
  }
  for (const [pattern, audience, handle] of routes) {
    const [verb, path = ''] = pattern.split(' ')
    const found = verb === method ? match(path, url.pathname) : null
    if (!found) continue
    if (audience !== 'anybody' && !asked.person) return problem(401, 'Unauthorized')
    if (audience === 'admin' && !asked.person?.grants.includes('admin')) return problem(403, 'Forbidden')
    return handle({ ...asked, path: found })
  }
  return problem(404, 'Not Found')
}

function match(pattern: string, path: string): Record<string, string> | null {
  const names: string[] = []
  const source = pattern.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name)
    return '([^/]+)'
  })
  const found = new RegExp(`^${source}$`).exec(path)
  return found && Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1] ?? '')]))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
