/** The VMA service's part of `/metrics` (MET-1). */

import type { SHARED_METRICS } from '../telemetry/metrics/shared.ts'
import type { Readings } from '../telemetry/metrics/table.ts'
import type { VMA_METRICS } from '../telemetry/metrics/vma.ts'
import type { RunStore } from './store.ts'

type OwnReadings = Omit<Readings<typeof VMA_METRICS>, keyof typeof SHARED_METRICS>

export function vmaReadings(store: RunStore, waitingPolls: number): OwnReadings {
  const { expired, evicted } = store.departures
  return {
    sightline_vma_updates_total: Object.entries(store.counts).map(([result, count]) => [{ result }, count]),
    sightline_vma_known_jobs: store.jobs,
    sightline_vma_jobs_removed_total: [
      [{ reason: 'expired' }, expired],
      [{ reason: 'evicted' }, evicted],
    ],
    sightline_vma_changes_total: store.revision,
    sightline_vma_waiting_polls: waitingPolls,
  }
}
