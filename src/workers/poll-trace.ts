/**
 * The traceparent of polls (TRACE-2): a job's polls are one trace, each request a span of its own. Made of a prefix that is
 * prepared once a job and a number that counts up: `npm run bench -- budget` tells what that adds to a request.
 */

/** Not sampled, and as this says too: nothing keeps a span of each poll (docs/tracing.md). */
const FLAGS_AND_END = '-00\r\n'

/** The first part of the header, good for all requests of one job. */
export function tracePrefix(traceId: string): string {
  return `traceparent: 00-${traceId}-`
}

/** Span ids: eight digits of whoever counts, eight of the count. They begin anew after 2^32 requests. */
export class SpanHeaders {
  readonly #seed: string
  #count = 0

  /** `seed`: eight lower-case hex digits, random, so that no other thread, VMA or run has the same; not all zeros. */
  constructor(seed: string) {
    this.#seed = seed
  }

  /** The whole header line. */
  next(prefix: string): string {
    this.#count = (this.#count + 1) >>> 0
    return prefix + this.#seed + this.#count.toString(16).padStart(8, '0') + FLAGS_AND_END
  }
}
