import { nextTick } from 'vue'

/** Puts the reader at a heading, once it is there: what had the focus is gone, and nobody should start from the top. */
export async function standAt(heading = 'h1'): Promise<void> {
  await nextTick()
  document.querySelector<HTMLElement>(heading)?.focus({ preventScroll: true })
}
