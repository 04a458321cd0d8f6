// The headers that the stack's front door sets, and what the site is tested under, agree.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contentSecurityPolicy } from '../e2e/content-security-policy.mjs'

const door = readFileSync('../deployer/aws/src/kinds/cdn/headers.rs', 'utf8')
const policyOfDoor = /CONTENT_SECURITY_POLICY: &str = "([^"]+)"/.exec(door)?.[1] ?? ''
const directives = (policy: string) => new Map(policy.split('; ').map((each) => [each.split(' ')[0], each] as const))

test('the front door’s policy allows nothing inline, no evaluation and no other site', () => {
  expect(policyOfDoor).toContain("default-src 'self'")
  expect(policyOfDoor).toContain("require-trusted-types-for 'script'")
  expect(policyOfDoor).not.toMatch(/unsafe-|https?:|data:|\*/)
})

test('the site is tested under that policy, and no more allowed', () => {
  const tested = directives(contentSecurityPolicy)
  for (const [name, directive] of directives(policyOfDoor)) expect(tested.get(name), name).toBe(directive)
})
