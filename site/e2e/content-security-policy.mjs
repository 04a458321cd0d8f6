/**
 * The strictest policy that the site must work under. `npm run preview` and the browser tests enforce it.
 * Vue makes one Trusted Types policy, and the service worker's address needs another.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types vue crew-worker',
].join('; ')
