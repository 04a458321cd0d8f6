import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { contentSecurityPolicy } from './e2e/content-security-policy.ts'
import { fixtureApi } from './e2e/fixture-api.ts'
import { jsBudget } from './scripts/js-budget.ts'

/** Bytes of JavaScript, compressed, that a phone may have to load: about 1 s on a poor connection. */
const JS_BUDGET_GZIP_BYTES = 60_000

/** A running crew API for `npm run dev`, for example http://localhost:9000. Without it, made-up sails are served. */
const crewApi = process.env.CREW_API_URL

export default defineConfig({
  plugins: [vue(), jsBudget(JS_BUDGET_GZIP_BYTES), ...(crewApi ? [] : [fixtureApi()])],
  define: { __VUE_OPTIONS_API__: false },
  server: crewApi ? { proxy: { '/api': { target: crewApi, changeOrigin: true } } } : {},
  preview: { headers: { 'content-security-policy': contentSecurityPolicy } },
  build: {
    // The content security policy allows neither inline scripts nor data: addresses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'http://localhost/' } },
    include: ['src/**/*.test.ts'],
  },
})
