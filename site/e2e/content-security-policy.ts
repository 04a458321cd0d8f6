/**
 * The strictest policy that the site must work under. `npm run preview` and the browser tests enforce it.
 * Vue creates one Trusted Types policy, `vue`, when it starts.
 */
export const contentSecurityPolicy = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types vue',
].join('; ')
