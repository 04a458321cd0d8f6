/** The strictest policy that the site must work under. */
export const contentSecurityPolicy: string
