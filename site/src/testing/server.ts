// A server for unit tests: it answers by method and path, and remembers what it was asked.
import { vi } from 'vitest'

export type Answer = (request: Request) => Response | Promise<Response>

export interface FakeServer {
  asked: Request[]
  /** What was sent as JSON, in the order of the requests with a body. */
  bodies: unknown[]
  on: (methodAndPath: string, answer: Answer) => void
}

/** Stands in for the network until `vi.unstubAllGlobals()`. What nobody answers is a lost connection. */
export function fakeServer(answers: Record<string, Answer> = {}): FakeServer {
  const known = new Map(Object.entries(answers))
  const server: FakeServer = { asked: [], bodies: [], on: (what, answer) => void known.set(what, answer) }
  vi.stubGlobal('fetch', async (request: Request) => {
    server.asked.push(request)
    const text = await request.clone().text()
    if (text !== '') server.bodies.push(JSON.parse(text))
    const answer = known.get(`${request.method} ${new URL(request.url).pathname}`)
    if (!answer) throw new TypeError('Failed to fetch')
    return answer(request)
  })
  return server
}

export function problem(status: number, type = 'about:blank', more: object = {}): Response {
  const body = JSON.stringify({ type, title: 'No', status, ...more })
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } })
}
