// What the timing panel counts down to. Pure: the present is an argument.
import type { SailDetail } from '../../lib/api/sails'
import type { EpochSeconds } from '../../lib/time/zone'

export interface NextMoment {
  name: string
  at: EpochSeconds
}

/** The next moment that matters: the departure, then the return. `null` when nothing is to come. */
export function nextMoment(sail: SailDetail, now: EpochSeconds): NextMoment | null {
  switch (sail.state) {
    case 'cancelled':
    case 'completed':
      return null
    case 'in_progress':
      return { name: now < sail.returns_at ? 'Back' : 'Was due back', at: sail.returns_at }
    case 'created':
    case 'confirmed':
      return { name: now < sail.departs_at ? 'Departs' : 'Was to depart', at: sail.departs_at }
  }
}

const WINDOW_NAMES: Record<string, string> = {
  golden_hour: 'Golden hour',
  sunset: 'Sunset from the water',
  twilight: 'Twilight and city lights',
}

/** What a suggested window is for. */
export function windowName(name: string): string {
  return WINDOW_NAMES[name] ?? 'Evening'
}
