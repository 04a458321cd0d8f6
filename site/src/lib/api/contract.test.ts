// The client and the API's description agree: every operation that the site uses is asked as it is described, and the
// site knows every operation or says why not.
import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { editChecklist, readChecklist, sendTicks, type Entry } from './checklist'
import * as crew from './crew'
import * as people from './people'
import * as sails from './sails'
import * as session from './session'
import * as waivers from './waivers'

interface Operation {
  operationId: string
  parameters?: { in: string; name: string; required?: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, unknown>
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: object
}

const document = JSON.parse(readFileSync('../functions/crew-api/openapi.json', 'utf8')) as Document
const operations = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [operation.operationId, { path, method: method.toUpperCase(), operation }] as const),
  ),
)

/** What the site leaves to others. */
const NOT_USED: Record<string, string> = {
  readKeys: 'for whoever verifies tokens',
  readHealth: 'for whoever watches the service',
  readReport: 'a page of its own: mails link to it',
}

const form: waivers.WaiverForm = {
  text_version: '2026-11',
  name: 'Noor Haddad',
  born: '1988-05-17',
  emergency_contact: { name: 'Kim', phone: '+1 619 555 0142' },
  medical: { has_conditions: true, risks: ['breathing'], details: 'asthma' },
  signature: { typed: 'Noor Haddad', drawn: [[[1, 2], [3, 4]]] },
  signed_on: '2026-11-21',
  guardian: { name: 'Kim', relation: 'mother', signature: { typed: 'Kim' } },
}
const plan: sails.SailPlan = { title: 'Sail', vessel: 'Jada', departs_at: 1, returns_at: 2, guest_limit: 3, slots: { captain: 1 } }
const entry: Entry = { entry_id: 'fuel', role: 'captain', phase: 'before_departure', text: 'Fuel', anchor: 'departure', due_minutes: -30 }
const guest = { kind: 'guest', link: 'sail-1.token' } as const
const own = { kind: 'crew', event_id: 'sail-1' } as const

/** Each operation as the site asks it. */
const ASKED: Record<string, () => Promise<unknown>> = {
  listSails: () => sails.listSails(1, 1),
  createSail: () => sails.createSail('key-12345', plan),
  readSail: () => sails.readSail('sail-1'),
  editSail: () => sails.editSail('sail-1', '"1"', plan),
  stepSail: () => sails.stepSail('sail-1', 'cancel', 'storm'),
  readAudit: () => sails.readAudit('sail-1', 'place'),
  readSun: () => sails.sunOfDay('2026-11-21'),
  suggestWindows: () => sails.suggestWindows('2026-11-21'),
  listRoles: () => crew.listRoles('sail-1'),
  claimRole: () => crew.claimRole('key-12345', 'sail-1', 'deckhand#1'),
  designateRole: () => crew.designateRole('key-12345', 'sail-1', 'deckhand#1', '0'.repeat(32)),
  releaseRole: () => crew.releaseRole('key-12345', 'sail-1', 'deckhand#1'),
  listCrew: () => crew.listCrew(),
  readChecklist: () => readChecklist('sail-1'),
  editChecklist: () => editChecklist('sail-1', '"1"', [entry]),
  tickChecklist: () => sendTicks('sail-1', [{ entry_id: 'engine', done: true, at: 1 }]),
  readWaiverPage: () => waivers.readWaiverPage(guest),
  signWaiverAsGuest: () => waivers.signWaiver(guest, form),
  readOwnWaiver: () => waivers.readWaiverPage(own),
  signWaiverAsCrew: () => waivers.signWaiver(own, form),
  makeWaiverLink: () => waivers.makeWaiverLink('sail-1'),
  renewWaiverLink: () => waivers.renewWaiverLink('sail-1'),
  listWaivers: () => waivers.listWaivers('sail-1'),
  readWaiver: () => waivers.readWaiver('sail-1', 'w'),
  clearHold: () => waivers.clearHold('sail-1', 'w', 'looked at'),
  board: () => waivers.board('sail-1', 'w'),
  listHolds: () => waivers.listHolds('place'),
  listUnknownSends: () => people.listUnknownSends('place'),
  listPeople: () => people.listPeople('place'),
  readPerson: () => people.readPerson('p'),
  readPersonHistory: () => people.readPersonHistory('p'),
  invitePerson: () => people.invitePerson({ email: 'a@b.co', name: 'A', grants: ['crew'] }),
  changePerson: () => people.changePerson('p', '"1"', { name: 'A', grants: ['crew'] }),
  inviteAgain: () => people.inviteAgain('p'),
  revokePerson: () => people.revokePerson('p'),
  restorePerson: () => people.restorePerson('p'),
  askForLink: () => session.askForLink('a@b.co'),
  redeemLink: () => session.redeemLink('t'.repeat(76)),
  redeemCode: () => session.redeemCode('ABCD2345'),
  readSession: () => session.readSession(),
  endSession: () => session.endSession(),
  endSessions: () => session.endSessions(),
}

afterEach(() => void vi.unstubAllGlobals())

test('every operation of the API is used, or it is said why not', () => {
  expect([...Object.keys(ASKED), ...Object.keys(NOT_USED)].sort()).toEqual([...operations.keys()].sort())
})

describe('is asked as it is described:', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'api', components: document.components })
  /** References point into the document. */
  const within = (schema: object) => JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')) as object

  test.each(Object.keys(ASKED))('%s', async (name) => {
    const asked: Request[] = []
    vi.stubGlobal('fetch', async (request: Request) => {
      asked.push(request)
      return Response.json({ sails: [], crew: [], windows: [], entries: [], sends: [], waivers: [] })
    })
    await ASKED[name]!()
    const request = asked[0]!
    const { path, method, operation } = operations.get(name)!
    const url = new URL(request.url)
    expect(request.method).toBe(method)
    expect(url.pathname).toMatch(new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`))

    const parameters = operation.parameters ?? []
    for (const each of parameters.filter((parameter) => parameter.in === 'header' && parameter.required)) {
      expect(request.headers.get(each.name), each.name).toBeTruthy()
    }
    const queries = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name)
    expect([...url.searchParams.keys()].filter((key) => !queries.includes(key))).toEqual([])

    const body = await request.clone().text()
    const schema = operation.requestBody?.content['application/json']?.schema
    expect(body !== '').toBe(schema !== undefined)
    if (schema) {
      const validate = ajv.compile(within(schema))
      expect(validate(JSON.parse(body)), JSON.stringify(validate.errors)).toBe(true)
    }
    if (method !== 'GET') {
      expect(request.headers.get('x-crew-request')).toBe('1')
      expect(request.headers.get('x-amz-content-sha256')).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})
