// What somebody may do with a place. Pure; the server decides again.
import type { RosterEntry } from '../../lib/api/crew'
import type { SailDetail } from '../../lib/api/sails'
import type { EpochSeconds } from '../../lib/time/zone'
import type { WaiverStanding } from '../../lib/api/waivers'
import { ROLE_NAMES } from '../sails/sails'

export type Doing = 'claim' | 'designate' | 'release'

/** What the reader is, as far as places are concerned. */
export interface Reader {
  person_id: string
  /** Answers for the sail: its captain, or an administrator. */
  commands: boolean
  isCaptain: boolean
  /** Holds a place already. */
  hasPlace: boolean
}

/** What the reader may do with a place, the likeliest first. */
export function doings(sail: SailDetail, entry: RosterEntry, reader: Reader, now: EpochSeconds): Doing[] {
  const ahead = (sail.state === 'created' || sail.state === 'confirmed') && now < sail.departs_at
  if (!ahead) return []
  const isMine = entry.holder?.person_id === reader.person_id
  const mayClaim = !entry.holder && !reader.hasPlace && (entry.role !== 'captain' || reader.isCaptain)
  return [
    ...(mayClaim ? (['claim'] as const) : []),
    ...(isMine || reader.commands ? (['designate'] as const) : []),
    ...(entry.holder && (isMine || reader.commands) ? (['release'] as const) : []),
  ]
}

/** `Deckhand 2`, or `Captain` where there is only one. */
export function placeName(entry: RosterEntry, all: readonly RosterEntry[]): string {
  const name = ROLE_NAMES[entry.role]
  const isOnly = all.filter((each) => each.role === entry.role).length === 1
  return isOnly ? name : `${name} ${entry.slot.split('#')[1] ?? ''}`.trim()
}

/** Why the reader cannot take a place yet; nothing where the waiver stands well. */
export function waiverInTheWay(standing: WaiverStanding | null | undefined): 'unsigned' | 'on_hold' | null {
  if (!standing) return 'unsigned'
  return standing === 'on_hold' ? 'on_hold' : null
}
