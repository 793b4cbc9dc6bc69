/** A volume's next job asks under the same export name: what begins after its creation is not the older job's run (RUN-1). */

import type { Job } from './job.ts'

/** Settles who comes after whom among jobs that share a key. Returns the live ones that were superseded just now. */
export function supersede(job: Job, others: readonly Job[]): readonly Job[] {
  const changed: Job[] = []
  for (const other of others) {
    const [older, newer] = other.target.createdAt < job.target.createdAt ? [other, job] : [job, other]
    if (older.target.createdAt === newer.target.createdAt) continue
    if (!supersededBy(older, newer) || older === job || older.phase !== 'live') continue
    changed.push(older)
  }
  return changed
}

/** False when an even earlier job has done so already. */
function supersededBy(older: Job, newer: Job): boolean {
  const at = newer.target.createdAt
  if (older.supersededAt !== undefined && older.supersededAt <= at) return false
  older.supersededAt = at
  return true
}
