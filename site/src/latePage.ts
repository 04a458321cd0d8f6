// A page whose file is gone: a newer release has replaced it while this one was open.

/** Under this name the session remembers what it was reloaded for, so that it is not reloaded for ever. */
const RELOADED_FOR = 'reloaded-for'

/** Loads the document anew, once a page: it names the files of its own release. */
export function onLatePage(cause: unknown, path: string, here: Pick<Location, 'assign'> = location): void {
  if (!isMissingFile(cause) || !navigator.onLine || sessionStorage.getItem(RELOADED_FOR) === path) return
  sessionStorage.setItem(RELOADED_FOR, path)
  here.assign(path)
}

/** Browsers say in their own words that a module could not be fetched; all of them with a TypeError. Vite says so of styles. */
function isMissingFile(cause: unknown): boolean {
  return cause instanceof TypeError || (cause instanceof Error && cause.message.startsWith('Unable to preload'))
}
