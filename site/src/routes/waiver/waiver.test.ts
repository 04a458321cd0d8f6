import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { keep, type QueuedWaiver } from '../../lib/keep/database'
import { useSession } from '../../stores/session'
import { fakeServer, problem } from '../../testing/server'
import WaiverForm from './WaiverForm.vue'
import { emptyFields, fieldsOf, formOf, isMinor, marksOf, waiverFaults, whyRefused, type WaiverFields } from './waiver'

const NOW = Date.parse('2026-11-21T20:00:00Z') / 1000
const sound = (changes: Partial<WaiverFields> = {}): WaiverFields => ({
  ...emptyFields(),
  name: ' Noor   Haddad ',
  born: '1988-05-17',
  contactName: 'Kim',
  contactPhone: '+1 (619) 555-0142',
  conditions: ['no'],
  hasRead: true,
  signature: { typed: 'Noor Haddad', drawn: [] },
  ...changes,
})

test('a whole form has no fault; an empty one names all that is missing', () => {
  expect(waiverFaults(sound(), NOW)).toEqual({})
  expect(Object.keys(waiverFaults(emptyFields(), NOW))).toEqual([
    '/name',
    '/born',
    '/emergency_contact/name',
    '/emergency_contact/phone',
    '/medical/has_conditions',
    '/has_read',
    '/signature/typed',
  ])
})

test.each<[string, Partial<WaiverFields>, string]>([
  ['a birth in the future', { born: '2026-11-22' }, '/born'],
  ['a birth long ago', { born: '1899-12-31' }, '/born'],
  ['letters in a telephone number', { contactPhone: 'call Kim' }, '/emergency_contact/phone'],
  ['a condition without a word', { conditions: ['yes'], details: '  ' }, '/medical/details'],
  ['a guardian who has not signed', { withGuardian: true, guardianName: 'Kim', guardianRelation: 'mother' }, '/guardian/signature/typed'],
])('%s is a fault', (_name, changes, pointer) => {
  expect(Object.keys(waiverFaults(sound(changes), NOW))).toEqual([pointer])
})

test.each([
  ['2008-11-21', false],
  ['2008-11-22', true],
  ['2008-02-29', false],
  ['', false],
])('somebody born on %s is a minor on 2026-11-21: %s', (born, minor) => {
  expect(isMinor(born, NOW)).toBe(minor)
})

test('the form is what the API takes: tidy, dated in San Diego, and without health text that was taken back', () => {
  const form = formOf(sound({ details: 'was typed first', risks: ['heart'] }), { text_version: 'v' }, NOW + 13 * 3600)
  expect(form).toMatchObject({ name: 'Noor Haddad', signed_on: '2026-11-22', medical: { has_conditions: false, risks: [], details: '' } })
  expect(form).not.toHaveProperty('guardian')
})

describe('what was signed and is put right', () => {
  const guardian = { withGuardian: true, guardianName: 'Kim', guardianRelation: 'mother', guardianSignature: { typed: 'Kim', drawn: [[[1, 2]]] } }

  test.each<[string, WaiverFields]>([
    ['a plain one', sound()],
    ['one with health text and a guardian', sound({ conditions: ['yes'], risks: ['heart'], details: 'A stent.', ...guardian })],
  ])('is what was typed: %s', (_name, fields) => {
    const form = formOf(fields, { text_version: 'v' }, NOW)
    expect(formOf(fieldsOf(form, {}), { text_version: 'v' }, NOW)).toEqual(form)
    expect(waiverFaults(fieldsOf(form, {}), NOW)).toEqual({})
  })

  test('is read and signed anew where the text is another one', () => {
    const form = formOf(sound(guardian), { text_version: 'v' }, NOW)
    const fields = fieldsOf(form, { '/text_version': 'This is old.' })
    expect(Object.keys(waiverFaults(fields, NOW))).toEqual(['/has_read', '/signature/typed', '/guardian/signature/typed'])
  })

  test('is marked where the page has a field for it', () => {
    const marked = { '/text_version': 'old', '/signed_on': 'late', '/signature/drawn': 'too much', '/born': 'no date' }
    expect(Object.keys(marksOf(marked))).toEqual(['/has_read', '/signature/typed', '/born'])
  })

  test.each([
    [{ '/text_version': 'old' }, 'The text is a new one'],
    [{ '/signed_on': 'late' }, 'It waited for a signal for too long'],
    [{ '/born': 'no date' }, 'what the server said'],
  ])('says why it was not taken: %o', (faults, why) => {
    expect(whyRefused({ refused: 'what the server said', faults: faults as Record<string, string> })).toContain(why)
  })
})

describe('the page of a waiver', () => {
  const page = { title: 'Sail', vessel: 'Jada', departs_at: NOW, text_version: '2026-11', text: 'First.\n\nSecond.' }
  const place = { kind: 'guest', link: 's1.token' } as const
  const open = async (fields: WaiverFields) => {
    await keep.put('drafts', { page: place.link, fields, at: NOW })
    const form = mount(WaiverForm, { props: { page, place }, attachTo: document.body, global: { plugins: [createPinia()] } })
    await vi.waitFor(() => expect((form.get('input').element as HTMLInputElement).value).toBe(fields.name))
    return form
  }
  const sign = async (form: Awaited<ReturnType<typeof open>>) => {
    await form.get('form').trigger('submit')
    await flushPromises()
  }
  afterEach(() => void vi.unstubAllGlobals())

  test('finds what was typed before, and marks what is missing', async () => {
    fakeServer()
    const form = await open(sound({ contactPhone: '' }))
    expect(form.text()).toContain('What you typed is still here.')
    await sign(form)
    expect(form.get('[role=alert]').text()).toContain('Something is missing')
    expect(document.activeElement).toBe(form.get('[type=tel]').element)
    form.unmount()
  })

  test('of one of the crew is kept for that person alone, whoever uses the device next', async () => {
    fakeServer()
    const openAs = (person_id: string) => {
      const pinia = createPinia()
      const person = { person_id, email: 'x@x.co', name: person_id, grants: ['crew' as const], expires_at: NOW }
      useSession(pinia).standing = { kind: 'in', person }
      return mount(WaiverForm, { props: { page, place: { kind: 'crew', event_id: 's1' } }, global: { plugins: [pinia] } })
    }
    for (const [at, person_id] of ['dina', 'emil'].entries()) {
      const form = openAs(person_id)
      // What was kept before has been looked for by then.
      await keep.all('drafts')
      await flushPromises()
      await form.get('input').setValue(person_id)
      form.unmount()
      await vi.waitFor(async () => expect(await keep.all('drafts')).toHaveLength(at + 1))
    }
    for (const person_id of ['dina', 'emil']) {
      const form = openAs(person_id)
      await vi.waitFor(() => expect((form.get('input').element as HTMLInputElement).value).toBe(person_id))
      form.unmount()
    }
  })

  test('once signed leaves nothing on the device', async () => {
    const receipt = { waiver_id: 'w', standing: 'on_hold', signed_at: NOW }
    const server = fakeServer({ 'POST /api/waiver': () => Response.json(receipt, { status: 201 }) })
    const form = await open(sound())
    await sign(form)
    await vi.waitFor(() => expect(form.emitted('signed')).toEqual([[receipt, ' Noor   Haddad ']]))
    expect(server.bodies).toMatchObject([{ name: 'Noor Haddad', text_version: '2026-11' }])
    form.unmount()
    expect(await keep.all('drafts')).toEqual([])
  })

  test('without a signal waits, and says so to whoever shows it', async () => {
    fakeServer()
    const form = await open(sound())
    await sign(form)
    await vi.waitFor(() => expect(form.emitted('signed')).toEqual([[null, ' Noor   Haddad ']]))
    expect(await keep.all('waivers')).toMatchObject([{ place, form: { name: 'Noor Haddad' } }])
    form.unmount()
  })

  test('opens what was refused as it was signed, at the field that the server marked, and takes its place', async () => {
    const server = fakeServer({ 'POST /api/waiver': () => Response.json({ waiver_id: 'w' }, { status: 201 }) })
    const faults = { '/emergency_contact/phone': 'This is not a telephone number.' }
    const refused: QueuedWaiver = { id: 'q1', place, form: formOf(sound(), page, NOW), signed_at: NOW, refused: 'No.', faults }
    await keep.put('waivers', refused)
    await keep.put('drafts', { page: place.link, fields: sound({ name: 'Somebody else' }), at: NOW })
    const form = mount(WaiverForm, { props: { page, place, refused }, attachTo: document.body, global: { plugins: [createPinia()] } })
    const phone = form.get('[type=tel]').element
    await vi.waitFor(() => expect(document.activeElement).toBe(phone))
    expect(form.text()).toContain('This is not a telephone number.')
    expect((form.get('input').element as HTMLInputElement).value).toBe('Noor Haddad')
    await form.get('[type=tel]').setValue('+1 619 555 0199')
    await sign(form)
    await vi.waitFor(() => expect(form.emitted('signed')).toHaveLength(1))
    expect(server.bodies).toMatchObject([{ name: 'Noor Haddad', emergency_contact: { phone: '+1 619 555 0199' } }])
    expect(await keep.all('waivers')).toEqual([])
    form.unmount()
    expect(await keep.all('drafts')).toMatchObject([{ page: place.link }])
  })

  test('asks for another text when the server has another one, and for reading and signing that', async () => {
    const errors = [{ field: '/text_version', detail: 'is not the present text' }]
    fakeServer({ 'POST /api/waiver': () => problem(400, 'urn:problem:invalid-fields', { errors }) })
    const form = await open(sound())
    await sign(form)
    await vi.waitFor(() => expect(form.text()).toContain('The text is a new one.'))
    expect(form.emitted('outdated')).toHaveLength(1)
    expect((form.get('.read > input').element as HTMLInputElement).checked).toBe(false)
    form.unmount()
  })

  test('shows what the server marks, and keeps the draft', async () => {
    const errors = [{ field: '/emergency_contact/phone', detail: 'is not a telephone number' }]
    fakeServer({ 'POST /api/waiver': () => problem(400, 'urn:problem:invalid-fields', { errors }) })
    const form = await open(sound())
    await sign(form)
    await vi.waitFor(() => expect(form.text()).toContain('This is not a telephone number.'))
    form.unmount()
    await vi.waitFor(async () => expect(await keep.all('drafts')).toHaveLength(1))
  })
})
