/// <reference lib="webworker" />
// The service worker: the application opens without a signal. It keeps the application's own files and no answer of the
// API; those are in src/lib/keep.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] }

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()

const page = createHandlerBoundToURL('/index.html')

/** Paths that are not the application's: the API, and what has a name of its own. */
const NOT_OURS = /^\/(api|\.well-known|healthz)(\/|$)|\.[^/]*$/

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.mode !== 'navigate' || NOT_OURS.test(url.pathname)) return
  event.respondWith(page({ request: event.request, event, url, params: [] }))
})

// The first visit already is one that works without a signal.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting()
})
