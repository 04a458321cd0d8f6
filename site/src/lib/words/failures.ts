// Why something was not done, in the reader's words.
import { ApiError, type FailureKind } from '../api/transport'

/** What the reader can do, by the API's own word for the problem. Sources: `type` of its problems. */
const BY_TYPE: Record<string, string> = {
  'urn:problem:not-redeemed': 'It was used already, it is too old, or it is not the right one. Ask for a new mail.',
  'urn:problem:invalid-fields': 'Something in the form cannot be used. Look at the fields that are marked.',
  'urn:problem:slot-taken': 'Somebody else was faster. The list is up to date again.',
  'urn:problem:has-role': 'This person has a place on this sail already. One place a person a sail.',
  'urn:problem:waiver-needed': 'A signed waiver for this sail comes first.',
  'urn:problem:waiver-on-hold': 'The waiver is on hold until the office has looked at it.',
  'urn:problem:not-qualified': 'Only captains can take the captain’s place.',
  'urn:problem:departed': 'The sail would have left already.',
  'urn:problem:wrong-state': 'The sail has moved on in the meantime. Reload to see where it stands.',
  'urn:problem:too-early': 'A sail can start from one hour before its departure.',
  'urn:problem:too-late': 'The sail would be back already.',
  'urn:problem:no-captain': 'Nobody has taken the captain’s place yet.',
  'urn:problem:checklist-open': 'Some of the checklist is not ticked yet.',
  'urn:problem:not-on-hold': 'The hold was cleared already.',
  'urn:problem:aboard': 'This person is aboard already.',
  'urn:problem:full': 'As many guests are aboard as the sail takes.',
  'urn:problem:signed-already':
    'Somebody with this name and date of birth has signed another waiver for this sail. If that was you, all is done; if not, the office can help.',
  'urn:problem:address-taken': 'Somebody has this address already.',
  'urn:problem:own-grant': 'Administrators keep their own access. Ask another administrator.',
  'urn:problem:own-revocation': 'You cannot shut yourself out. Ask another administrator.',
  'urn:problem:revoked': 'This person was shut out. Let them in again first.',
  'urn:problem:changed-at-once': 'Somebody changed this at the same moment. Try again.',
  'urn:problem:key-reused': 'This was sent before with something else in it. Reload the page and try again.',
}

const BY_KIND: Record<FailureKind, string> = {
  unreachable: 'The connection dropped before the answer came. Check your signal, then try again.',
  timed_out: 'The answer took too long. The signal may be weak here; try again in a moment.',
  busy: 'A lot is going on right now. Wait a minute, then try again.',
  signed_out: 'You are signed out. Sign in again, then repeat it.',
  not_allowed: 'This is for somebody else to do: a captain of this sail, or the office.',
  missing: 'It is not there any more.',
  conflict: 'Somebody else changed it in the meantime. Look at it again, then repeat it.',
  refused: 'This page may be out of date. Reload it, and tell the office if that does not help.',
  broken: 'Something went wrong on our side, not on your device. Try again in a minute.',
}

/** Why something did not work, and what the reader can do about it. Never a code. */
export function failureText(failure: ApiError): string {
  const known = failure.problem && BY_TYPE[failure.problem.type]
  if (failure.kind === 'busy') return busyText(failure.problem?.retry_after_seconds)
  return known ?? BY_KIND[failure.kind]
}

/** A failure of anything: what is not the API's own is a fault of this page. */
export function asFailure(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError('broken', undefined, undefined, { cause })
}

/** Seconds from which a pause is told in minutes. */
const LONG_PAUSE_SECONDS = 90

function busyText(seconds: number | null | undefined): string {
  if (seconds == null) return BY_KIND.busy
  const pause = seconds < LONG_PAUSE_SECONDS ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
  return `That was often in a short time. Try again in ${pause}.`
}

/** What is wrong with each field of a form, by JSON pointer. */
export type FieldFaults = Record<string, string>

/** The fields that the server marked. */
export function fieldFaults(failure: ApiError): FieldFaults {
  const errors = failure.problem?.errors ?? []
  return Object.fromEntries(errors.map(({ field, detail }) => [field, `This ${detail.replaceAll('`', '')}.`]))
}

/** The marked fields that are still wrong. Nothing is marked anew while somebody types. */
export function stillFaulty(marked: FieldFaults, now: FieldFaults): FieldFaults {
  return Object.fromEntries(Object.entries(now).filter(([field]) => field in marked))
}
