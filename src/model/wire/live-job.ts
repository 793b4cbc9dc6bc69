/** The live state of one job (API-3): the documented job fields, then what only a live tracker knows. */

import { Type, type Static } from 'typebox'
import { VERDICTS } from '../verdict.ts'
import { JOB_STATUSES } from '../words.ts'
import { bytes, count, number, numberOrNull, percent, text, timeOrNull, timeText, wholeOrNull } from './schema-words.ts'

const LiveDiskSchema = Type.Object({
  disk_id: text('VMware’s name of the disk'),
  export_name: text('NBD export'),
  reporting: Type.Boolean({ description: 'The VMA has told of it' }),
  sync_status: text('pending, snapshotting, syncing, completed or failed'),
  progress_percent: percent('Percent of its bytes'),
  bytes_transferred: bytes('Moved'),
  total_bytes: bytes('To move'),
  total_origin: text('Where the total comes from: cbt, allocated, capacity or reported'),
  transfer_speed_bps: number('Bytes per second'),
  eta_seconds: numberOrNull('null when not known'),
})
export type LiveDiskJson = Readonly<Static<typeof LiveDiskSchema>>

const PollerSchema = Type.Object({
  state: text('waiting, polling, backingOff, suspended, paused, held, finished, lost or stopped'),
  consecutive_errors: count('Errors that count, since the last answer'),
  next_poll_at: timeOrNull('null while none is due'),
  last_contact_at: timeOrNull('Last answer'),
  last_write_at: timeOrNull('Last row'),
  last_error: Type.Union([
    Type.Object({ code: text('POLL-4'), message: text('For people'), at: timeText('When') }),
    Type.Null(),
  ]),
})
export type PollerJson = Readonly<Static<typeof PollerSchema>>

export const LiveJobSchema = Type.Object({
  job_id: text('Job id'),
  vm_name: text('VM'),
  vm_context_id: text('Its VM context'),
  vcenter_host: text('vCenter'),
  status: Type.Enum([...JOB_STATUSES]),
  replication_type: text('initial or incremental'),
  current_operation: text('Stage, in the VMA’s own word'),
  progress_percent: percent('Percent of the bytes to move'),
  setup_progress_percent: numberOrNull('Percent of set-up'),
  bytes_transferred: bytes('Moved'),
  total_bytes: bytes('To move'),
  transfer_speed_bps: number('Bytes per second'),
  error_message: text('Why it failed'),
  vma_sync_type: text('full, initial or incremental'),
  vma_current_phase: text('Phase, in the VMA’s own word'),
  vma_throughput_mbps: number('MiB/s'),
  vma_eta_seconds: numberOrNull('As eta_seconds'),
  vma_last_poll_at: timeOrNull('Last answer'),
  created_at: timeText('When the job was made'),
  started_at: timeOrNull('When it started'),
  completed_at: timeOrNull('When it ended'),
  verdict: Type.Enum([...VERDICTS], { description: 'What the job is doing (VERDICT-1)' }),
  verdict_since: timeText('Since when'),
  eta_seconds: numberOrNull('null when unknown or stalled, never 0 for unknown (ETA-1)'),
  eta_low_seconds: numberOrNull('Lower bound'),
  eta_high_seconds: numberOrNull('Upper bound'),
  source_updated_at: timeOrNull('The source’s last update'),
  source_update_age_seconds: wholeOrNull('Whole seconds since then'),
  contact_age_seconds: wholeOrNull('Whole seconds since the last answer'),
  write_age_seconds: wholeOrNull('Whole seconds since the last row'),
  disks_total: count('Disks'),
  disks_reporting: count('Disks that the VMA has told of'),
  disks: Type.Array(LiveDiskSchema),
  poller: PollerSchema,
})
export type LiveJobJson = Readonly<Omit<Static<typeof LiveJobSchema>, 'disks' | 'poller'>> & {
  readonly disks: readonly LiveDiskJson[]
  readonly poller: PollerJson
}

export const LiveJobListSchema = Type.Object({
  count: count('Jobs'),
  epoch: text('Names this process’s life'),
  seq: count('Of the last change before this answer was begun'),
  jobs: Type.Array(LiveJobSchema),
})
