/** A name that nobody else has given: for a request that may be sent twice and shall be done once. */
export function newKey(): string {
  return crypto.randomUUID()
}
