import type { JSX } from 'preact'
import type { LiveJob } from '../../../src/client/index.ts'
import { formatMibps, formatMoved, formatPercent } from '../format/amounts.ts'
import type { Tone } from '../model/state.ts'
import { Bar } from '../ui/bar.tsx'

interface Props {
  readonly name: string
  readonly disks: LiveJob['disks']
  readonly isOld: boolean
}

/** The disks of an opened row, a line each. */
export function Disks({ name, disks, isOld }: Props): JSX.Element {
  return (
    <div class="disks" role="presentation">
      {disks.map((disk) => (
        <div key={disk.disk_id} class="disk" role="row" aria-level={2} data-disk={disk.disk_id}>
          <div class="disk-name" role="rowheader">
            {disk.disk_id}
          </div>
          <div class="disk-status" role="gridcell">
            {disk.reporting ? disk.sync_status : 'not heard of'}
          </div>
          <div class="cell-bar" role="gridcell">
            <Bar
              label={`${name}, ${disk.disk_id}`}
              percent={disk.progress_percent}
              bytes={disk.bytes_transferred}
              total={disk.total_bytes}
              tone={toneOf(disk.sync_status)}
              isStale={isOld || !disk.reporting}
            />
            <span class="cell-moved nums">{formatMoved(disk.bytes_transferred, disk.total_bytes)}</span>
            <span class="cell-percent nums">{formatPercent(disk.progress_percent)}</span>
          </div>
          <div class="cell-speed nums" role="gridcell">
            <span>{formatMibps(disk.transfer_speed_bps)}</span>
            <small> MiB/s</small>
          </div>
        </div>
      ))}
    </div>
  )
}

export function toneOf(status: string): Tone {
  if (status === 'failed') return 'bad'
  return status === 'completed' ? 'good' : 'busy'
}
