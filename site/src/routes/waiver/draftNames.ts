// The names of a waiver page's drafts. They hold health information: one of the crew's is that person's alone, whoever uses
// the device next.
import type { WaiverPlace } from '../../lib/api/waivers'

export function draftName(place: WaiverPlace, person_id: string | undefined): string {
  return place.kind === 'guest' ? place.link : `${place.event_id}/${person_id ?? ''}`
}

/** Of the correction of a refused one. */
export function correctionDraft(id: string): string {
  return `correct/${id}`
}
