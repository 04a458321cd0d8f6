/** The token that a mail's link carries in its fragment, which no server sees. `null`: there is none. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token')
}

/** Where the reader wanted to go before the sign-in: a path of this site, or the sails. */
export function wantedPath(next: unknown): string {
  const isOurs = typeof next === 'string' && /^\/(?![/\\])/.test(next)
  return isOurs ? next : '/'
}

/** A code as the mail shows it, whatever was typed around its letters and digits. */
export function tidyCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
}

/** How many letters and digits a code has. */
export const CODE_LENGTH = 8
