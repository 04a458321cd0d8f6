// Words of the office.
import type { Hold } from '../../lib/api/waivers'
import type { Grant } from '../../lib/api/session'
import type { PersonHistory } from '../../lib/api/people'

export const HOLD_NAMES: Record<Hold, string> = {
  minor_without_guardian: 'Under 18, no guardian has signed',
  high_risk: 'A condition that can be dangerous aboard',
  incomplete_disclosure: 'The answer about health is incomplete',
}

export const GRANT_NAMES: Record<Grant, string> = { admin: 'Office', captain: 'Captain', crew: 'Crew' }

export const GRANT_CHOICES = [
  { value: 'crew', name: 'Crew', hint: 'takes places and ticks' },
  { value: 'captain', name: 'Captain', hint: 'may command a sail' },
  { value: 'admin', name: 'Office', hint: 'plans, invites, sees waivers' },
] as const

/** The grants that may be given, in that order, as the choice leaves them. */
export function grantsText(grants: readonly Grant[]): string {
  return GRANT_CHOICES.filter((choice) => grants.includes(choice.value))
    .map((choice) => choice.name)
    .join(', ')
}

export const DEED_NAMES: Record<PersonHistory['deed'], string> = {
  invited: 'invited',
  changed: 'changed',
  revoked: 'shut out',
  restored: 'let in again',
  sessions_ended: 'signed out everywhere',
}
