// A waiver as it is filled in, and what is missing in it. Pure: the present is an argument. The rules are the crew
// API's own; they are asked here as well, so that a waiver signed without a signal is one that will be taken.
import type { Risk, Signature, WaiverForm, WaiverPage } from '../../lib/api/waivers'
import type { QueuedWaiver } from '../../lib/keep/database'
import { SAN_DIEGO, calendarDay, type CalendarDay, type EpochSeconds } from '../../lib/time/zone'
import type { FieldFaults } from '../../lib/words/failures'

/** The fields of the page. Every one is there from the beginning, so that a draft is whole. */
export interface WaiverFields {
  name: string
  born: string
  contactName: string
  contactPhone: string
  /** `yes`, `no`, or nothing chosen yet. */
  conditions: ('yes' | 'no')[]
  risks: Risk[]
  details: string
  signature: Signature
  withGuardian: boolean
  guardianName: string
  guardianRelation: string
  guardianSignature: Signature
  hasRead: boolean
}

export function emptyFields(): WaiverFields {
  return {
    name: '',
    born: '',
    contactName: '',
    contactPhone: '',
    conditions: [],
    risks: [],
    details: '',
    signature: { typed: '', drawn: [] },
    withGuardian: false,
    guardianName: '',
    guardianRelation: '',
    guardianSignature: { typed: '', drawn: [] },
    hasRead: false,
  }
}

export const RISKS: readonly { value: Risk; name: string }[] = [
  { value: 'heart', name: 'A heart condition' },
  { value: 'seizures', name: 'Epilepsy or other seizures' },
  { value: 'severe_allergy', name: 'A severe allergy' },
  { value: 'breathing', name: 'Asthma or trouble breathing' },
  { value: 'pregnancy', name: 'Pregnancy' },
  { value: 'recent_surgery', name: 'An operation or injury in the last three months' },
]

/** From this age on somebody signs alone. */
const OF_AGE_YEARS = 18
const EARLIEST_BIRTH = '1900-01-01'
const LONGEST_LINE = 120
export const LONGEST_MEDICAL = 4000

/** Whether somebody is under 18 on the day of departure. The eighteenth birthday counts. */
export function isMinor(born: CalendarDay, departs_at: EpochSeconds): boolean {
  if (!isDay(born)) return false
  const day = calendarDay(departs_at, SAN_DIEGO)
  const years = Number(day.slice(0, 4)) - Number(born.slice(0, 4))
  return (day.slice(5) >= born.slice(5) ? years : years - 1) < OF_AGE_YEARS
}

/** What has to be filled in or changed before it can be signed, by JSON pointer. */
export function waiverFaults(fields: WaiverFields, now: EpochSeconds): FieldFaults {
  const faults: FieldFaults = {}
  const need = (pointer: string, isSound: boolean, text: string) => {
    if (!isSound) faults[pointer] = text
  }
  const today = calendarDay(now, SAN_DIEGO)
  need('/name', isLine(fields.name), 'Type your full name.')
  need('/born', isDay(fields.born) && fields.born >= EARLIEST_BIRTH && fields.born <= today, 'Give your date of birth.')
  need('/emergency_contact/name', isLine(fields.contactName), 'Name somebody whom we can call.')
  need('/emergency_contact/phone', isPhone(fields.contactPhone), 'Give a telephone number with its area code.')
  need('/medical/has_conditions', fields.conditions.length > 0, 'Choose one of the two.')
  const mustSay = fields.conditions.includes('yes')
  need('/medical/details', !mustSay || fields.details.trim() !== '', 'Say in a few words what we should know.')
  need('/has_read', fields.hasRead, 'Confirm that you have read it.')
  need('/signature/typed', isLine(fields.signature.typed), 'Type your name to sign.')
  if (fields.withGuardian) {
    need('/guardian/name', isLine(fields.guardianName), 'Type the guardian’s full name.')
    need('/guardian/relation', isLine(fields.guardianRelation), 'Say what they are to you, such as mother.')
    need('/guardian/signature/typed', isLine(fields.guardianSignature.typed), 'The guardian types their name to sign.')
  }
  return faults
}

/** The form as the API takes it, signed today in San Diego. */
export function formOf(fields: WaiverFields, page: Pick<WaiverPage, 'text_version'>, now: EpochSeconds): WaiverForm {
  const has = fields.conditions.includes('yes')
  return {
    text_version: page.text_version,
    name: tidy(fields.name),
    born: fields.born,
    emergency_contact: { name: tidy(fields.contactName), phone: fields.contactPhone.trim() },
    medical: { has_conditions: has, risks: has ? fields.risks : [], details: has ? fields.details.trim() : '' },
    signature: signed(fields.signature),
    signed_on: calendarDay(now, SAN_DIEGO),
    ...(fields.withGuardian
      ? {
          guardian: {
            name: tidy(fields.guardianName),
            relation: tidy(fields.guardianRelation),
            signature: signed(fields.guardianSignature),
          },
        }
      : {}),
  }
}

function signed(signature: Signature): Signature {
  return { ...signature, typed: tidy(signature.typed) }
}

/** The fields of a form that was signed, to put right what the server has marked in it. Another text is read and signed anew. */
export function fieldsOf(form: WaiverForm, marked: FieldFaults): WaiverFields {
  const { medical, guardian } = form
  const has = medical.has_conditions
  const fields: WaiverFields = {
    name: form.name,
    born: form.born,
    contactName: form.emergency_contact.name,
    contactPhone: form.emergency_contact.phone,
    conditions: has == null ? [] : [has ? 'yes' : 'no'],
    risks: [...(medical.risks ?? [])],
    details: medical.details ?? '',
    signature: form.signature,
    withGuardian: guardian != null,
    guardianName: guardian?.name ?? '',
    guardianRelation: guardian?.relation ?? '',
    guardianSignature: guardian?.signature ?? UNSIGNED,
    hasRead: true,
  }
  return isOtherText(marked) ? unsigned(fields) : fields
}

const UNSIGNED: Signature = { typed: '', drawn: [] }

/** The fields as they were before anybody read the text and signed. */
export function unsigned(fields: WaiverFields): WaiverFields {
  return { ...fields, hasRead: false, signature: UNSIGNED, guardianSignature: UNSIGNED }
}

/** Whether the text is another one than that which was signed. */
export function isOtherText(marked: FieldFaults): boolean {
  return '/text_version' in marked
}

/** Where the page shows what the server marks: not every part of a form has a field of its own. */
export function marksOf(marked: FieldFaults): FieldFaults {
  const marks: FieldFaults = {}
  for (const [pointer, text] of Object.entries(marked)) {
    if (pointer === '/text_version') marks['/has_read'] = 'The text is a new one. Read it, then confirm and sign again.'
    // It is signed with another date the next time.
    else if (pointer !== '/signed_on') marks[pointer.replace(/\/drawn$/, '/typed')] = text
  }
  return marks
}

/** Why a waiver that was signed without a signal was not taken, and what to do about it. */
export function whyRefused({ refused, faults = {} }: Pick<QueuedWaiver, 'refused' | 'faults'>): string {
  if (isOtherText(faults)) return 'The text is a new one since then. Read it, then sign again.'
  if ('/signed_on' in faults) return 'It waited for a signal for too long. Look it over, then sign again with today’s date.'
  return refused ?? ''
}

/** One line without what a keyboard leaves around it. */
function tidy(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function isLine(text: string): boolean {
  const length = [...tidy(text)].length
  return length >= 1 && length <= LONGEST_LINE
}

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return digits >= 5 && digits <= 20 && text.trim().length <= 30 && /^[\d+ \-.()]*$/.test(text.trim())
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}
