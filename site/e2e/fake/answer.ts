// What the fake API is asked and answers.
import type { IncomingHttpHeaders } from 'node:http'
import type { Schemas, World } from './world.ts'

export interface Asked {
  world: World
  now: number
  headers: IncomingHttpHeaders
  query: URLSearchParams
  // A request's body may hold anything.
  body: Record<string, unknown>
  person: (Schemas['PersonEntry'] & { revision: number }) | null
}

export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export type Audience = 'anybody' | 'crew' | 'admin'
export type Route = [pattern: string, audience: Audience, handle: (asked: Asked & { path: Record<string, string> }) => Answer]

export function problem(status: number, title: string, type = 'about:blank'): Answer {
  return { status, body: { type, title, status } }
}

export function conflict(kind: string, title: string): Answer {
  return problem(409, title, `urn:problem:${kind}`)
}
