// People of the fake API.
import { conflict, problem, type Answer, type Asked, type Route } from './answer.ts'
import type { Schemas } from './world.ts'

type Here = Asked & { path: Record<string, string> }
type Known = Schemas['PersonEntry'] & { revision: number; history: Schemas['HistoryEntry'][] }

function told({ revision, history: _history, ...person }: Known, status = 200): Answer {
  return { status, body: person, headers: { etag: `"${revision}"` } }
}

function onPerson(handle: (person: Known, asked: Here) => Answer): (asked: Here) => Answer {
  return (asked) => {
    const person = asked.world.people.get(asked.path.person ?? '')
    return person ? handle(person, asked) : problem(404, 'Not Found')
  }
}

function note(person: Known, asked: Here, deed: Schemas['PersonDeed']): void {
  person.revision += 1
  person.history.unshift({ at: asked.now, actor: asked.person?.email ?? null, deed, grants: person.grants })
}

function invite(asked: Here): Answer {
  const { email, name, grants } = asked.body as unknown as Schemas['Invitation']
  if ([...asked.world.people.values()].some((person) => person.email === email)) {
    return conflict('address-taken', 'Somebody has this address already')
  }
  const person_id = email.split('@')[0] ?? email
  const person: Known = { person_id, email, name, grants, membership: 'active', invited_at: asked.now, revision: 0, history: [] }
  note(person, asked, 'invited')
  asked.world.people.set(person_id, person)
  return told(person, 201)
}

function change(person: Known, asked: Here): Answer {
  if (asked.headers['if-match'] !== `"${person.revision}"`) return problem(412, 'Precondition Failed')
  Object.assign(person, asked.body)
  note(person, asked, 'changed')
  return told(person)
}

function member(membership: Schemas['Membership'], deed: Schemas['PersonDeed']) {
  return onPerson((person, asked) => {
    person.membership = membership
    note(person, asked, deed)
    return told(person)
  })
}

export const peopleRoutes: Route[] = [
  [
    'GET /api/crew',
    'crew',
    ({ world }) => {
      const active = [...world.people.values()].filter((person) => person.membership === 'active')
      return { status: 200, body: { crew: active.map(({ person_id, name, grants }) => ({ person_id, name, grants })) } }
    },
  ],
  ['GET /api/people', 'admin', ({ world }) => ({ status: 200, body: { people: [...world.people.values()].map((person) => told(person).body) } })],
  ['POST /api/people', 'admin', invite],
  ['GET /api/people/{person}', 'admin', onPerson((person) => told(person))],
  ['PATCH /api/people/{person}', 'admin', onPerson(change)],
  ['GET /api/people/{person}/history', 'admin', onPerson((person) => ({ status: 200, body: { entries: person.history } }))],
  ['POST /api/people/{person}/invitation', 'admin', onPerson((person) => told(person, 202))],
  ['POST /api/people/{person}/revocation', 'admin', member('revoked', 'revoked')],
  ['POST /api/people/{person}/restoration', 'admin', member('active', 'restored')],
  ['GET /api/admin/unknown-sends', 'admin', ({ world }) => ({ status: 200, body: world.unknown })],
]
