import { computed, inject, provide, watch, type ComputedRef, type InjectionKey, type Ref } from 'vue'
import { listRoles, type Roster, type RosterEntry } from '../../lib/api/crew'
import { readSail, type SailDetail } from '../../lib/api/sails'
import type { Revised } from '../../lib/api/transport'
import { readWaiverPage, type WaiverPage } from '../../lib/api/waivers'
import { useResource, valueOf, type Resource } from '../../lib/useResource'
import { useOutbox } from '../../stores/outbox'
import { useSession } from '../../stores/session'

/** Seconds after which an open sail asks who holds what: somebody else may be faster. */
const RENEW_SECONDS = 30

/** What the parts of a sail's page share. */
export interface SailContext {
  id: Ref<string>
  sail: Resource<Revised<SailDetail>>
  roster: Resource<Roster>
  /** The own waiver: where it stands, and what there is to sign. */
  waiver: Resource<WaiverPage>
  /** The place that the reader holds. */
  mine: ComputedRef<RosterEntry | null>
  /** Whether the reader answers for this sail: its captain, or an administrator. */
  commands: ComputedRef<boolean>
}

const KEY: InjectionKey<SailContext> = Symbol('sail')

export function provideSail(id: Ref<string>): SailContext {
  const session = useSession()
  const sail = useResource((signal) => readSail(id.value, signal), {
    keepAs: () => `sail/${id.value}`,
    renewSeconds: RENEW_SECONDS,
  })
  const roster = useResource((signal) => listRoles(id.value, signal), {
    keepAs: () => `roster/${id.value}`,
    renewSeconds: RENEW_SECONDS,
  })
  const waiver = useResource((signal) => readWaiverPage({ kind: 'crew', event_id: id.value }, signal), {
    keepAs: () => `waiver/${id.value}`,
  })
  // One that waited for a signal is taken.
  const outbox = useOutbox()
  watch(
    () => outbox.signed,
    (place) => {
      if (place?.kind === 'crew' && place.event_id === id.value) void waiver.reload()
    },
  )
  const mine = computed(() => placeOf(valueOf(roster), session.person?.person_id))
  const commands = computed(() => session.isAdmin || mine.value?.role === 'captain')
  const context = { id, sail, roster, waiver, mine, commands }
  provide(KEY, context)
  return context
}

export function useSail(): SailContext {
  const context = inject(KEY)
  if (!context) throw new Error('a part of a sail is used outside of its page')
  return context
}

function placeOf(roster: Roster | null, person_id: string | undefined): RosterEntry | null {
  if (person_id === undefined) return null
  return roster?.slots.find((slot) => slot.holder?.person_id === person_id) ?? null
}
