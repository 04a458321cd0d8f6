// What was done to a sail, in words. Pure.
import type { AuditEntry } from '../../lib/api/sails'

const STEPS = { confirm: 'confirmed', start: 'started', complete: 'completed', cancel: 'cancelled' } as const

/** One line of the trail: what the actor did. Who that is and when stand beside it. */
export function deedText(what: AuditEntry['what'], actor: string | null): string {
  switch (what.deed) {
    case 'sail_created':
      return 'planned the sail'
    case 'sail_edited':
      return 'changed the plan'
    case 'sail_stepped':
      return what.reason ? `${STEPS[what.step]} the sail: “${what.reason}”` : `${STEPS[what.step]} the sail`
    case 'role_changed':
      return roleText(what.slot, what.from ?? null, what.to ?? null, actor)
    case 'waiver_signed':
      return 'signed a waiver'
    case 'hold_cleared':
      return `cleared a hold: “${what.reason}”`
    case 'waiver_viewed':
      return 'looked at a waiver'
    case 'boarded':
      return 'noted somebody as aboard'
    case 'checklist_edited':
      return 'changed the checklist'
    case 'waiver_link_made':
      return 'made the guests’ link'
    case 'waiver_link_renewed':
      return 'replaced the guests’ link: the one before opens nothing any more'
  }
}

function roleText(slot: string, from: string | null, to: string | null, actor: string | null): string {
  const place = slot.replace('_', ' ').replace('#', ' ')
  if (from === null && to === null) return `changed ${place}`
  if (to === null) return from === actor ? `released ${place}` : `released ${place}, held by ${from}`
  if (from === null && to === actor) return `took ${place}`
  return from === null ? `gave ${place} to ${to}` : `handed ${place} from ${from} to ${to}`
}
