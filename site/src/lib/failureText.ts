import type { ApiError, FailureKind } from './api/client'

const reasons: Record<FailureKind, string> = {
  unreachable: 'The connection dropped before the answer came. Check your signal, then try again.',
  timed_out: 'The answer took too long. The signal may be weak here; try again in a moment.',
  busy: 'A lot is going on right now. Wait a minute, then try again.',
  refused: 'This page may be out of date. Reload it, and tell the office if that does not help.',
  broken: 'Something went wrong on our side, not on your device. Try again in a minute.',
}

/** Why something could not be loaded, and what the reader can do about it. */
export function failureText(failure: ApiError): string {
  return reasons[failure.kind]
}
