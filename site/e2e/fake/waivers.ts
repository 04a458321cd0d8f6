// Waivers of the fake API.
import { conflict, problem, type Answer, type Asked, type Route } from './answer.ts'
import { onSail } from './sails.ts'
import type { FakeSail, Schemas } from './world.ts'

type Here = Asked & { path: Record<string, string> }

const TEXT = `Release and assumption of risk

Sailing is done on open water, on a moving deck, in wind and weather. I understand that I may slip, fall, be struck by
lines, sails or spars, become seasick, or go overboard, and that help may take time to arrive.

I take part of my own will. I follow the captain's instructions, wear a life jacket when I am told to, and tell the
crew at once when I feel unwell.`

function pageOf(sail: FakeSail, own?: Schemas['WaiverStanding']): Answer {
  const { title, vessel, departs_at } = sail.detail
  const page = { title, vessel, departs_at, text_version: '2026-11', text: TEXT }
  return { status: 200, body: own === undefined ? page : { ...page, standing: own } }
}

function linked(handle: (sail: FakeSail, asked: Here) => Answer): (asked: Here) => Answer {
  return (asked) => {
    const link = asked.headers['waiver-link']
    const sail = [...asked.world.sails.values()].find((each) => each.link !== null && each.link === link)
    return sail ? handle(sail, asked) : problem(404, 'Not Found')
  }
}

function sign(sail: FakeSail, asked: Here, waiver_id: string): Answer {
  const form = asked.body as unknown as Schemas['Form']
  const held = sail.waivers.get(waiver_id)
  if (held && JSON.stringify(held.form) !== JSON.stringify(form)) return conflict('signed-already', 'Signed another waiver')
  const minor = Number(form.born.slice(0, 4)) > new Date(sail.detail.departs_at * 1000).getUTCFullYear() - 18
  const reasons: Schemas['Hold'][] = [
    ...(minor && !form.guardian ? (['minor_without_guardian'] as const) : []),
    ...((form.medical.risks ?? []).length > 0 ? (['high_risk'] as const) : []),
  ]
  const standing = reasons.length > 0 ? ('on_hold' as const) : ('signed' as const)
  const entry = { event_id: sail.detail.event_id, waiver_id, name: form.name, signed_at: asked.now, standing }
  sail.waivers.set(waiver_id, { entry, form, reasons })
  sail.trail.unshift({ at: asked.now, what: { deed: 'waiver_signed', waiver_id } })
  return { status: 201, body: { waiver_id, standing, signed_at: asked.now } }
}

function clear(sail: FakeSail, asked: Here): Answer {
  const held = sail.waivers.get(asked.path.waiver ?? '')
  if (held?.entry.standing !== 'on_hold') return conflict('not-on-hold', 'The waiver is not on hold')
  held.entry.standing = 'cleared'
  held.clearance = String(asked.body.reason)
  held.reasons = []
  return { status: 200, body: held.entry }
}

function board(sail: FakeSail, asked: Here): Answer {
  const held = sail.waivers.get(asked.path.waiver ?? '')
  if (!held) return problem(404, 'Not Found')
  held.entry.standing = 'boarded'
  return { status: 200, body: held.entry }
}

function view(sail: FakeSail, asked: Here): Answer {
  const held = sail.waivers.get(asked.path.waiver ?? '')
  if (!held) return problem(404, 'Not Found')
  sail.trail.unshift({ at: asked.now, actor: asked.person!.email, what: { deed: 'waiver_viewed', waiver_id: held.entry.waiver_id } })
  const { entry: waiver, form, reasons, clearance } = held
  const seen = { waiver, form, reasons, text: TEXT }
  return { status: 200, body: clearance === undefined ? seen : { ...seen, clearance } }
}

function holds({ world }: Here): Answer {
  const all = [...world.sails.values()].flatMap((sail) => [...sail.waivers.values()])
  const held = all.filter((waiver) => waiver.entry.standing === 'on_hold')
  return { status: 200, body: { holds: held.map(({ entry: { standing: _standing, ...entry }, reasons }) => ({ ...entry, reasons })) } }
}

export const waiverRoutes: Route[] = [
  ['GET /api/waiver', 'anybody', linked((sail) => pageOf(sail))],
  ['POST /api/waiver', 'anybody', linked((sail, asked) => sign(sail, asked, `guest-${String(asked.body.name)}`))],
  ['GET /api/sails/{id}/waiver', 'crew', onSail((sail, { person }) => pageOf(sail, sail.waivers.get(`crew-${person!.person_id}`)?.entry.standing))],
  ['POST /api/sails/{id}/waiver', 'crew', onSail((sail, asked) => sign(sail, asked, `crew-${asked.person!.person_id}`))],
  ['POST /api/sails/{id}/waiver-link', 'crew', onSail((sail) => ({ status: 200, body: { link: (sail.link ??= `${sail.detail.event_id}.a-token`) } }))],
  ['POST /api/sails/{id}/waiver-link/renewal', 'crew', onSail((sail) => ({ status: 200, body: { link: (sail.link = `${sail.detail.event_id}.another-token`) } }))],
  ['GET /api/sails/{id}/waivers', 'crew', onSail((sail) => ({ status: 200, body: { waivers: [...sail.waivers.values()].map((each) => each.entry) } }))],
  ['GET /api/sails/{id}/waivers/{waiver}', 'admin', onSail(view)],
  ['POST /api/sails/{id}/waivers/{waiver}/clear', 'admin', onSail(clear)],
  ['POST /api/sails/{id}/waivers/{waiver}/board', 'crew', onSail(board)],
  ['GET /api/admin/holds', 'admin', holds],
]
