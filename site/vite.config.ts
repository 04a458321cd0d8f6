import vue from '@vitejs/plugin-vue'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'
import { contentSecurityPolicy } from './e2e/content-security-policy.mjs'
import { fakeApi } from './e2e/fake/server.ts'
import { jsBudget } from './scripts/js-budget.ts'

/** Bytes of JavaScript, compressed, that a phone loads before somebody can sign in: about 1 s on a poor connection. */
const FIRST_LOAD_GZIP_BYTES = 60_000

/** The product behind `npm run dev`, as `deployer dev` names it: its API answers. Without it, a made-up API answers. */
const product = process.env.DEPLOYER_URL ? new URL(process.env.DEPLOYER_URL) : undefined

/** Only browsers know names below `localhost`: the address is this machine's, and the name goes along. */
const proxy = (url: URL) => ({
  target: `http://127.0.0.1:${url.port}`,
  headers: { host: url.host, origin: url.origin },
})
const behind = (url: URL) => ({
  '/api': proxy(url),
  '/.well-known': proxy(url),
  '/healthz': proxy(url),
})

export default defineConfig({
  plugins: [
    vue(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      // src/stores/release.ts registers it: Trusted Types want an address that a policy has made.
      injectRegister: false,
      injectManifest: { globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'] },
      manifest: {
        name: 'Ship Captain Crew',
        short_name: 'Crew',
        description: 'Sails, places and checklists of the crew.',
        lang: 'en',
        start_url: '/',
        display: 'standalone',
        background_color: '#0b3a57',
        theme_color: '#0b3a57',
        icons: [
          { src: '/icons/192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/maskable.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
    jsBudget(FIRST_LOAD_GZIP_BYTES),
    ...(product ? [] : [fakeApi()]),
  ],
  define: { __VUE_OPTIONS_API__: false },
  server: {
    host: '127.0.0.1',
    ...(process.env.PORT ? { port: Number(process.env.PORT), strictPort: true } : {}),
    ...(product ? { proxy: behind(product) } : {}),
  },
  preview: { headers: { 'content-security-policy': contentSecurityPolicy } },
  build: {
    // The content security policy allows neither inline scripts nor data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // Few files at first: on a poor connection each one costs a wait.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules/ },
            { name: 'base', test: /preload-helper|src\/(stores|routes\/waiver\/correction|lib\/(api|keep|words|use|new|time|ui\/(App(Button|Field|Icon|Notice)|ActionNote|standAt)))/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://localhost/' } },
    include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
  },
})
