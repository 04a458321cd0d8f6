// The steps of a sail's life that somebody may take. Pure; the server decides again.
import type { SailDetail, Step } from '../../lib/api/sails'
import { HOUR, type EpochSeconds } from '../../lib/time/zone'

export interface NextStep {
  step: Step
  name: string
  /** What is asked before it is done. */
  question: string
  /** Why it cannot be done yet; absent: it can. */
  notYet?: string
}

/** How long before its departure a sail may start, in seconds. Source: `EARLIEST_START` of the crew API. */
const EARLIEST_START_SECONDS = HOUR

/** The steps that come next, the likeliest first. Confirming and cancelling is the office's. */
export function nextSteps(sail: SailDetail, isAdmin: boolean, now: EpochSeconds): NextStep[] {
  const cancel: NextStep[] = isAdmin
    ? [{ step: 'cancel', name: 'Cancel the sail', question: 'It does not take place. The crew sees it at once. This cannot be taken back.' }]
    : []
  switch (sail.state) {
    case 'created':
      return isAdmin
        ? [{ step: 'confirm', name: 'Confirm the sail', question: 'It takes place. The crew sees it as confirmed.' }, ...cancel]
        : []
    case 'confirmed': {
      const early = now < sail.departs_at - EARLIEST_START_SECONDS
      const start: NextStep = {
        step: 'start',
        name: 'Start the sail',
        question: 'Everybody is aboard and counted, and the checklist before departure is done.',
        ...(early ? { notYet: 'It can start from one hour before its departure.' } : {}),
      }
      return [start, ...cancel]
    }
    case 'in_progress':
      return [{ step: 'complete', name: 'Complete the sail', question: 'Everybody is ashore and the checklist is done.' }]
    case 'completed':
    case 'cancelled':
      return []
  }
}
