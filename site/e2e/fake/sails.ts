// Sails, places and checklists of the fake API.
import { SAN_DIEGO, calendarDay } from '../../src/lib/time/zone.ts'
import { conflict, problem, type Answer, type Asked, type Route } from './answer.ts'
import { entriesFor, openEntries, viewOf } from './checklist.ts'
import { sunOf } from './sun.ts'
import { slotsOf, type FakeSail, type Schemas } from './world.ts'

type Here = Asked & { path: Record<string, string> }

/** The sail of the path, or 404. */
export function onSail(handle: (sail: FakeSail, asked: Here) => Answer): (asked: Here) => Answer {
  return (asked) => {
    const sail = asked.world.sails.get(asked.path.id ?? '')
    return sail ? handle(sail, asked) : problem(404, 'Not Found')
  }
}

function entryOf(sail: FakeSail): Schemas['SailEntry'] {
  const { slots: _slots, ...detail } = sail.detail
  const sunset_at = sunOf(calendarDay(detail.departs_at, SAN_DIEGO)).sunset.epoch
  const slots = slotsOf(sail.detail).map((slot) => ({ ...slot, taken: sail.holders.has(slot.slot) }))
  return { ...detail, sunset_at, slots }
}

function revised(sail: FakeSail, status = 200): Answer {
  return { status, body: sail.detail, headers: { etag: `"${sail.revision}"` } }
}

function tell(sail: FakeSail, asked: Asked, what: Schemas['Deed']): void {
  sail.trail.unshift({ at: asked.now, actor: asked.person?.email ?? null, what })
}

function list({ world, query, now }: Here): Answer {
  const from = Number(query.get('from') ?? now)
  const until = Number(query.get('until') ?? Number.POSITIVE_INFINITY)
  const within = (sail: Schemas['SailEntry']) => sail.departs_at >= from && sail.departs_at <= until
  const sails = [...world.sails.values()].map(entryOf).filter(within)
  return { status: 200, body: { sails: sails.sort((a, b) => a.departs_at - b.departs_at) } }
}

function create(asked: Here): Answer {
  const key = String(asked.headers['idempotency-key'])
  const earlier = asked.world.answered.get(key)
  if (earlier) return { status: 201, body: earlier }
  const event_id = `sail-${asked.world.sails.size + 1}`
  const detail = { event_id, state: 'created', ...asked.body } as unknown as Schemas['SailDetail']
  const list = { entries: entriesFor(detail.slots), revision: 1 }
  const sail: FakeSail = { detail, revision: 1, holders: new Map(), waivers: new Map(), list, marks: new Map(), trail: [], link: null }
  tell(sail, asked, { deed: 'sail_created' })
  asked.world.sails.set(event_id, sail)
  asked.world.answered.set(key, detail)
  return revised(sail, 201)
}

function edit(sail: FakeSail, asked: Here): Answer {
  if (asked.headers['if-match'] !== `"${sail.revision}"`) return problem(412, 'Precondition Failed')
  Object.assign(sail.detail, asked.body)
  sail.revision += 1
  tell(sail, asked, { deed: 'sail_edited' })
  return revised(sail)
}

const AFTER = { confirm: 'confirmed', start: 'in_progress', complete: 'completed', cancel: 'cancelled' } as const

function step(sail: FakeSail, asked: Here): Answer {
  const taken = asked.body.step as Schemas['Step']
  if (taken === 'start' && ![...sail.holders.keys()].some((slot) => slot.startsWith('captain'))) {
    return conflict('no-captain', 'Nobody holds a captain’s slot')
  }
  if ((taken === 'start' && openEntries(sail, asked.now, true) > 0) || (taken === 'complete' && openEntries(sail, asked.now, false) > 0)) {
    return conflict('checklist-open', 'Entries of the checklist are open')
  }
  sail.detail.state = AFTER[taken]
  sail.revision += 1
  const reason = asked.body.reason as string | undefined
  tell(sail, asked, reason ? { deed: 'sail_stepped', step: taken, reason } : { deed: 'sail_stepped', step: taken })
  return revised(sail)
}

function roster(sail: FakeSail, { world }: Here): Answer {
  const slots = slotsOf(sail.detail).map((slot) => {
    const person_id = sail.holders.get(slot.slot)
    const name = person_id === undefined ? undefined : world.people.get(person_id)?.name
    return person_id === undefined ? slot : { ...slot, holder: { person_id, name: name ?? null, since: sail.detail.departs_at - 86_400 } }
  })
  return { status: 200, body: { slots } }
}

/** A slot changes hands: `to` gets it, or nobody does. */
function give(sail: FakeSail, asked: Here, to: string | null): Answer {
  const slot = String(asked.body.slot)
  const holder = sail.holders.get(slot) ?? null
  if (to !== null) {
    if ([...sail.holders.values()].includes(to)) return conflict('has-role', 'One role a person a sail')
    if (asked.path.doing === 'claim' && holder !== null) return conflict('slot-taken', 'Somebody else was first')
    const waiver = sail.waivers.get(`crew-${to}`)
    if (!waiver) return conflict('waiver-needed', 'A signed waiver for this sail comes first')
    if (waiver.entry.standing === 'on_hold') return conflict('waiver-on-hold', 'The waiver is on hold')
    sail.holders.set(slot, to)
  } else sail.holders.delete(slot)
  const mail = (id: string | null) => (id === null ? null : (asked.world.people.get(id)?.email ?? null))
  tell(sail, asked, { deed: 'role_changed', slot, from: mail(holder), to: mail(to) })
  return { status: 200, body: { event_id: sail.detail.event_id, slot, person_id: to, at: asked.now } }
}

function tick(sail: FakeSail, asked: Here): Answer {
  const person_id = asked.person!.person_id
  const mayTick = asked.person!.grants.includes('admin') || [...sail.holders.values()].includes(person_id)
  if (!mayTick) return problem(403, 'Forbidden')
  for (const mark of asked.body.ticks as Schemas['Tick'][]) {
    const held = sail.marks.get(mark.entry_id)
    if (!held || held.at <= mark.at) sail.marks.set(mark.entry_id, { person_id, done: mark.done, at: mark.at })
  }
  return { status: 200, body: viewOf(sail, asked.now) }
}

function revisedList(sail: FakeSail, { now }: Here): Answer {
  return { status: 200, body: viewOf(sail, now), headers: { etag: `"${sail.list.revision}"` } }
}

function editList(sail: FakeSail, asked: Here): Answer {
  const person = asked.person!
  if (!person.grants.includes('admin') && sail.holders.get('captain#1') !== person.person_id) return problem(403, 'Forbidden')
  if (asked.headers['if-match'] !== `"${sail.list.revision}"`) return problem(412, 'Precondition Failed')
  sail.list = { entries: asked.body.entries as Schemas['Entry'][], revision: sail.list.revision + 1 }
  tell(sail, asked, { deed: 'checklist_edited' })
  return revisedList(sail, asked)
}

function windows({ query, now }: Here): Answer {
  const date = query.get('date') ?? calendarDay(now, SAN_DIEGO)
  const sunset = sunOf(date).sunset.epoch
  const window = (name: string, before: number, minutes: number) => {
    const departs_at = Math.floor((sunset - before * 60) / 900) * 900
    return { name, departs_at, returns_at: departs_at + minutes * 60 }
  }
  return { status: 200, body: { date, windows: [window('golden_hour', 120, 120), window('sunset', 75, 120), window('twilight', 30, 90)] } }
}

const claimed: Record<string, (asked: Here) => string | null> = {
  claim: (asked) => asked.person!.person_id,
  designate: (asked) => String(asked.body.person_id),
  release: () => null,
}

export const sailRoutes: Route[] = [
  ['GET /api/sails', 'anybody', list],
  ['POST /api/sails', 'admin', create],
  ['GET /api/sail-windows', 'crew', windows],
  ['GET /api/sails/{id}', 'crew', onSail((sail) => revised(sail))],
  ['PUT /api/sails/{id}', 'admin', onSail(edit)],
  ['POST /api/sails/{id}/steps', 'crew', onSail(step)],
  ['GET /api/sails/{id}/audit', 'admin', onSail((sail) => ({ status: 200, body: { entries: sail.trail } }))],
  ['GET /api/sails/{id}/roles', 'crew', onSail(roster)],
  ['POST /api/sails/{id}/roles/{doing}', 'crew', onSail((sail, asked) => give(sail, asked, claimed[asked.path.doing as Doing]!(asked)))],
  ['GET /api/sails/{id}/checklist', 'crew', onSail(revisedList)],
  ['PUT /api/sails/{id}/checklist', 'crew', onSail(editList)],
  ['POST /api/sails/{id}/checklist/ticks', 'crew', onSail(tick)],
]

type Doing = 'claim' | 'designate' | 'release'
