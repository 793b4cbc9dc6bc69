/** What a verdict means for whoever has to do something about it (VERDICT-1): a sentence, and where to look. */

import type { LiveJob } from '../../client/index.ts'
import { formatCoarse } from '../format.ts'
import { printable } from '../text.ts'

export function whyText(job: LiveJob): string {
  switch (job.verdict) {
    case 'moving':
      return 'all is well'
    case 'slow':
      return 'bytes come at less than a third of its usual rate: look at the load of source, storage and network'
    case 'stalled':
      return 'updates come, bytes do not: look at the storage, at NBD, and at the network between them'
    case 'source_silent':
      return 'its VMA answers, but migratekit tells nothing: it may have died, or lost its way to the VMA'
    case 'vma_unreachable':
      return 'its VMA does not answer: look at the tunnel and at the VMA service; polling goes on when it is back'
    case 'suspended':
      return suspendedText(job)
    case 'waiting':
      return 'not begun, or its VMA does not know it yet'
    case 'finished':
      return job.error_message === '' ? `it has ${job.status}` : `it ${job.status}: ${printable(job.error_message)}`
  }
}

function suspendedText({ poller, job_id }: LiveJob): string {
  const again = `\`sightline start-polling ${printable(job_id)}\` has it polled again`
  if (poller.state === 'paused') return `somebody stopped its polling: ${again}`
  return `not polled any more after ${poller.consecutive_errors} errors: ${again}`
}

/** `timeout: no answer within 10 s (2 in a row, the last 4s ago)`; undefined while all goes well. `now`: epoch ms. */
export function lastErrorText({ poller }: LiveJob, now: number): string | undefined {
  const { last_error: error, consecutive_errors: errors } = poller
  if (error === null) return undefined
  const ago = formatCoarse(secondsBetween(error.at, now))
  const count = errors > 1 ? `${errors} in a row, the last ${ago} ago` : `${ago} ago`
  return `${printable(error.code)}: ${printable(error.message)} (${count})`
}

/** `in 4s`, `now`; undefined where none is due. */
export function nextPollText({ poller }: LiveJob, now: number): string | undefined {
  if (poller.next_poll_at === null) return undefined
  const seconds = (Date.parse(poller.next_poll_at) - now) / 1_000
  return seconds >= 1 ? `in ${formatCoarse(seconds)}` : 'now'
}

export function secondsBetween(time: string, now: number): number {
  const at = Date.parse(time)
  return Number.isNaN(at) ? 0 : Math.max(0, (now - at) / 1_000)
}
