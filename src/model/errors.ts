/**
 * Why a poll brought nothing (POLL-4). One table: what it means, whether it speaks of the whole VMA
 * (then the VMA's circuit is concerned, not the job: POLL-8), and the database's classification word.
 */

export const POLL_ERROR_CODES = [
  'not_found',
  'timeout',
  'unreachable',
  'http_4xx',
  'http_5xx',
  'invalid_body',
  'too_large',
  'stale_run',
] as const
export type PollErrorCode = (typeof POLL_ERROR_CODES)[number]

export interface PollErrorKind {
  readonly meaning: string
  /** The VMA as a whole did not answer: counts for its circuit. */
  readonly ofVma: boolean
  /** Expected while a job starts: not an error within the start-up grace (POLL-6). */
  readonly graced: boolean
  /** `vma_error_classification`. */
  readonly classification: 'connection' | 'not_found' | 'protocol' | 'vma'
}

export const POLL_ERRORS: Readonly<Record<PollErrorCode, PollErrorKind>> = {
  not_found: { meaning: 'the VMA does not know this key', ofVma: false, graced: true, classification: 'not_found' },
  timeout: {
    meaning: 'no whole answer within the request timeout',
    ofVma: true,
    graced: false,
    classification: 'connection',
  },
  unreachable: { meaning: 'no connection to the VMA', ofVma: true, graced: false, classification: 'connection' },
  http_4xx: { meaning: 'the VMA refused the request', ofVma: false, graced: false, classification: 'protocol' },
  http_5xx: { meaning: 'the VMA failed to answer', ofVma: false, graced: false, classification: 'vma' },
  invalid_body: {
    meaning: 'the answer is no progress document',
    ofVma: false,
    graced: false,
    classification: 'protocol',
  },
  too_large: { meaning: 'the answer is larger than 1 MiB', ofVma: false, graced: false, classification: 'protocol' },
  stale_run: { meaning: 'the VMA still tells of an earlier run', ofVma: false, graced: true, classification: 'vma' },
}

/** An error as plain data: it crosses threads. */
export interface PollError {
  readonly code: PollErrorCode
  readonly message: string
  /** Of the answer, where there was one. */
  readonly status?: number
}

/** What a tunnel or proxy answers when the VMA behind it does not. */
const OF_GATEWAY: readonly number[] = [502, 503, 504]

/** POLL-8: the VMA itself may be away, so its circuit is asked before the job is blamed. */
export function putsVmaInDoubt({ code, status }: PollError): boolean {
  return POLL_ERRORS[code].ofVma || (status !== undefined && OF_GATEWAY.includes(status))
}

/** POLL-7: what the row of a job without contact says. RECOVER-3 knows by it that nothing but silence failed the job. */
export const CONTACT_LOST = { message: 'VMA communication timeout exceeded', classification: 'connection' } as const
