/** The demo's lines where there is no terminal to draw on: one for each thing that happens, and the figures now and then. */

import type { JobEvent } from './tally.ts'
import { formatMoved, formatPercent } from './format.ts'
import { printable } from './text.ts'

/** `12:00:01  pgtest1  job-…  completed  17.8/17.8 GiB  2 disks` */
export function eventLine(event: JobEvent, time: string): string {
  const { kind, job } = event
  const parts = [time, printable(job.vm_name), printable(job.job_id)]
  switch (kind) {
    case 'started':
      return [...parts, 'started', job.replication_type].join('  ').trimEnd()
    case 'stage':
      return [...parts, 'stage', printable(job.current_operation)].join('  ')
    case 'completed':
      return [...parts, 'completed', moved(event)].join('  ')
    case 'failed':
      return [...parts, job.status, `at ${formatPercent(job.progress_percent)}`, printable(job.error_message ?? '')]
        .join('  ')
        .trimEnd()
  }
}

function moved({ job }: JobEvent): string {
  const amount = job.total_bytes > 0 ? formatMoved(job.bytes_transferred, job.total_bytes) : 'nothing to move'
  return job.disks_total > 1 ? `${amount}  ${job.disks_total} disks` : amount
}

export function timeOfDay(now: number): string {
  const at = new Date(now)
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
