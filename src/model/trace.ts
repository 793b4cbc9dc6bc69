/**
 * W3C Trace Context (TRACE-1): what a caller says of its trace, read with distrust. Ids are lower-case hex, as the
 * recommendation wants them: 32 digits for a trace, 16 for a span, none of them all zeros.
 */

export interface TraceParent {
  readonly traceId: string
  /** Of the one who sent it. */
  readonly spanId: string
  /** Two hex digits, handed on as they came. */
  readonly flags: string
}

/** Version, trace, span, flags; what a later version may append is not ours to understand. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/
const NO_TRACE = '0'.repeat(32)
const NO_SPAN = '0'.repeat(16)
/** 00 and its fields; longer ones belong to versions that are not there yet, and are bounded by this. */
const MAX_TRACEPARENT = 256

/** undefined for anything that is no traceparent: the recommendation has it ignored then, and a new trace begun. */
export function parseTraceparent(text: string): TraceParent | undefined {
  if (text.length < 55 || text.length > MAX_TRACEPARENT) return undefined
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined
  return { traceId, spanId, flags }
}

export function traceparent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags}`
}

/** What the recommendation says must be handed on at least. */
const MAX_TRACESTATE = 512
const MAX_MEMBERS = 32
const MEMBER = /^[a-z\d][-\w*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** The vendors' own words that go with a traceparent, as they came; '' when any of them is faulty or they are too long. */
export function safeTracestate(text: string): string {
  if (text === '' || text.length > MAX_TRACESTATE) return ''
  const members = text
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
  const isGood = members.length > 0 && members.length <= MAX_MEMBERS && members.every((member) => MEMBER.test(member))
  return isGood ? members.join(',') : ''
}

const REQUEST_ID = /^[\w.:@+/=~-]{1,128}$/

/** A caller's own name for its request, where it can stand in a header and a log line without harm; '' otherwise. */
export function safeRequestId(text: string): string {
  return REQUEST_ID.test(text) ? text : ''
}

/** A UUID's digits are a trace id: a job's correlation id names its trace (LOG-1). */
export function traceIdOf(correlationId: string): string {
  return correlationId.replaceAll('-', '')
}
