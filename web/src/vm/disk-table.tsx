import type { JSX } from 'preact'
import type { LiveJob } from '../../../src/client/index.ts'
import type { VmDiskJson } from '../../../src/model/wire/vm-contexts.ts'
import { toneOf } from '../fleet/disks.tsx'
import { formatBytes, formatMibps, formatMoved, formatPercent } from '../format/amounts.ts'
import { formatEta } from '../format/times.ts'
import { isRunning, STATES, stateOf } from '../model/state.ts'
import { Bar } from '../ui/bar.tsx'
import { Panel } from './panel.tsx'

interface Props {
  readonly disks: readonly VmDiskJson[]
  /** The one that is looked at, while it is in memory. */
  readonly job: LiveJob | undefined
  readonly isOld: boolean
}

export function DiskTable({ disks, job, isOld }: Props): JSX.Element {
  const isStale = isOld || STATES[stateOf(job, undefined)].isStale
  return (
    <Panel title="Disks" note={String(disks.length)}>
      {disks.length === 0 && <p class="nothing">No disk is known.</p>}
      <ul class="disk-list">
        {disks.map((disk) => (
          <Disk key={disk.disk_id} disk={disk} job={job} isStale={isStale} />
        ))}
      </ul>
    </Panel>
  )
}

interface DiskProps {
  readonly disk: VmDiskJson
  readonly job: LiveJob | undefined
  readonly isStale: boolean
}

function Disk({ disk, job, isStale }: DiskProps): JSX.Element {
  const live = job?.disks.find(({ disk_id: id }) => id === disk.disk_id)
  const percent = live?.progress_percent ?? disk.sync_progress_percent
  const bytes = live?.bytes_transferred ?? disk.bytes_synced
  const total = live?.total_bytes ?? disk.capacity_bytes
  const status = live?.sync_status ?? disk.sync_status
  const isMoving = job !== undefined && isRunning(job) && live !== undefined && status === 'syncing'
  const name = disk.label === '' ? disk.disk_id : disk.label
  return (
    <li class="disk-card" data-disk={disk.disk_id}>
      <div class="disk-title">
        <strong>{name}</strong>
        <span class="muted">
          {[disk.disk_id, disk.datastore, `${formatBytes(disk.capacity_bytes)} ${disk.provisioning_type}`]
            .filter((part) => part !== '' && part !== name)
            .join(' · ')}
        </span>
      </div>
      <Bar label={`${name}, progress`} {...{ percent, bytes, total, isStale }} tone={toneOf(status)} />
      <div class="disk-numbers nums">
        <span>{status}</span>
        <span>{formatMoved(bytes, total)}</span>
        <span>{formatPercent(percent)}</span>
        {isMoving && <span>{formatMibps(live.transfer_speed_bps)} MiB/s</span>}
        {isMoving && !isStale && <span>{formatEta(live.eta_seconds, live.eta_seconds) ?? '–'}</span>}
      </div>
    </li>
  )
}
