import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Where the service worker is. A constant: Trusted Types let no other script become one. */
const WORKER = '/sw.js'

/** What the worker is told when the reader wants the new release. Source: src/sw.ts. */
const TAKE_OVER = 'take-over'

interface ScriptPolicy {
  createScriptURL: (text: string) => unknown
}
interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: (text: string) => string }) => ScriptPolicy
}

/** The release of the application on this device: the service worker keeps it, and a newer one waits for the reader. */
export const useRelease = defineStore('release', () => {
  const isNewer = ref(false)
  let waiting: ServiceWorker | null = null

  async function start(): Promise<void> {
    if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
    const registration = await navigator.serviceWorker.register(workerAddress()).catch(() => null)
    if (!registration) return
    offer(registration.waiting)
    registration.addEventListener('updatefound', () => {
      const found = registration.installing
      found?.addEventListener('statechange', () => {
        if (found.state === 'installed') offer(found)
      })
    })
    document.addEventListener('visibilitychange', () => {
      // Without a signal there is nothing newer to be had.
      if (document.visibilityState === 'visible') void registration.update().catch(() => undefined)
    })
  }

  /** The first release of a device needs no question. */
  function offer(worker: ServiceWorker | null): void {
    if (!worker || !navigator.serviceWorker.controller) return
    waiting = worker
    isNewer.value = true
  }

  /** Starts the newer release. What is typed into a waiver is kept; a page with something else unsaved asks first. */
  function takeOver(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
    waiting?.postMessage(TAKE_OVER)
  }

  return { isNewer, start, takeOver }
})

/** The worker's address as the browser wants it where Trusted Types are enforced. */
function workerAddress(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (!trustedTypes) return WORKER
  return trustedTypes.createPolicy('crew-worker', { createScriptURL: () => WORKER }).createScriptURL(WORKER) as string
}
