/** How a watch ends, and the exit code that scripts read (CLI-3). */

import type { LiveJob } from '../../client/index.ts'
import { EXIT } from '../exit-codes.ts'
import { formatMoved, formatPercent } from '../format.ts'
import { printable } from '../text.ts'

export interface Outcome {
  readonly name: 'completed' | 'failed' | 'lost' | 'refused' | 'idle' | 'interrupted'
  readonly code: number
  /** For people. */
  readonly why: string
}

/** Of a job whose status is an end. One that failed for want of contact is lost: how it went nobody knows. */
export function endOf(job: LiveJob): Outcome {
  const name = printable(job.job_id)
  if (job.status === 'completed') {
    const moved = job.total_bytes > 0 ? formatMoved(job.bytes_transferred, job.total_bytes) : 'nothing to move'
    return { name: 'completed', code: EXIT.ok, why: `${name} completed: ${moved}` }
  }
  if (job.poller.state === 'lost') return lost(`${name}: ${printable(job.error_message)}`)
  const at = `at ${formatPercent(job.progress_percent)}`
  return { name: 'failed', code: EXIT.failed, why: `${name} ${job.status} ${at}: ${printable(job.error_message)}` }
}

/** Of a job that is known by the word of its row or history alone; undefined while that is no end. */
export function endByStatus(jobId: string, status: string): Outcome | undefined {
  const why = `${printable(jobId)} ${status}`
  if (status === 'completed') return { name: 'completed', code: EXIT.ok, why }
  return status === 'failed' || status === 'cancelled' ? { name: 'failed', code: EXIT.failed, why } : undefined
}

export function lost(why: string): Outcome {
  return { name: 'lost', code: EXIT.lost, why }
}

export function refused(why: string): Outcome {
  return { name: 'refused', code: EXIT.refused, why }
}
