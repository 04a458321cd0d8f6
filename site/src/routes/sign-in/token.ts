/** The token in a link's fragment. It leaves the address at once, so that no history and no screenshot keeps it. */
export function takeToken(location: Pick<Location, 'hash' | 'pathname'>, history: Pick<History, 'replaceState' | 'state'>): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(history.state, '', location.pathname)
  return token
}
