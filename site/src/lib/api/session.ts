// Signing in and out. The session is a cookie that no script reads.
import { answer, client, done, type Schemas } from './transport'

export type Session = Schemas['SessionEntry']
export type Grant = Schemas['Grant']

/** Asks for a mail with a link and a code. The answer is the same for every address. */
export function askForLink(email: string): Promise<Schemas['LinkAsked']> {
  return answer(undefined, (signal) => client.POST('/api/auth/links', { body: { email }, signal }))
}

/** Signs in by the token of a mail's link. */
export function redeemLink(token: string): Promise<Session> {
  const body = { token, session: 'cookie' } as const
  return answer(undefined, (signal) => client.POST('/api/auth/links/redemption', { body, signal }))
}

/** Signs in by the code of a mail, in the browser that asked for it. */
export function redeemCode(code: string): Promise<Session> {
  const body = { code, session: 'cookie' } as const
  return answer(undefined, (signal) => client.POST('/api/auth/codes/redemption', { body, signal }))
}

/** Who is signed in. */
export function readSession(): Promise<Session> {
  return answer(undefined, (signal) => client.GET('/api/auth/session', { signal }))
}

/** Signs out on this device. */
export function endSession(): Promise<void> {
  return done((signal) => client.DELETE('/api/auth/session', { signal }))
}

/** Signs out everywhere. */
export function endSessions(): Promise<void> {
  return done((signal) => client.DELETE('/api/auth/sessions', { signal }))
}
