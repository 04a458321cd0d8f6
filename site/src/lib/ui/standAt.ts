import { nextTick } from 'vue'

/**
 * Puts the reader at what has that id, or at the page's heading, once it is there: what had the focus is gone, and nobody
 * should start from the top. `scrolls`: it may be out of sight.
 */
export async function standAt(id?: string, scrolls = false): Promise<void> {
  await nextTick()
  const place = id === undefined ? document.querySelector('h1') : document.getElementById(id)
  place?.focus({ preventScroll: !scrolls })
}
