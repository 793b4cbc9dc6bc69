/** The VMA service. */

import { SHARED_METRICS } from './shared.ts'
import { NO_LABELS, type MetricTable } from './table.ts'

const STORE = 'src/vma/store.ts'

export const VMA_METRICS = {
  ...SHARED_METRICS,
  sightline_vma_updates_total: {
    type: 'counter',
    labels: { result: '`accepted`, `ignored_late`, `invalid`, `too_large`, `not_registered`' },
    unit: 'updates',
    help: 'Progress updates that came in (VMA-1 … VMA-7).',
    from: STORE,
  },
  sightline_vma_known_jobs: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'jobs',
    help: 'Jobs in memory.',
    from: STORE,
  },
  sightline_vma_jobs_removed_total: {
    type: 'counter',
    labels: { reason: '`expired` by age, `evicted` for want of room' },
    unit: 'jobs',
    help: 'Jobs that went (VMA-9).',
    from: STORE,
  },
  sightline_vma_changes_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'changes',
    help: 'Changes of any job: the revision of the change feed (VMA-11).',
    from: STORE,
  },
  sightline_vma_waiting_polls: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: 'requests',
    help: 'Requests of the change feed that wait for a change.',
    from: 'src/http/long-polls.ts',
  },
} satisfies MetricTable
