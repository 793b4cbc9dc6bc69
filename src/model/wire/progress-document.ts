/**
 * What `GET /api/v1/progress/{jobId}` answers (VMA-4): every field of the v1.8.1 answer (API reference), every field of
 * the v1.0 answer (architecture document), and what neither has.
 * Legacy times are whole seconds (`2025-09-05T15:26:15Z`); the new ones carry milliseconds.
 */

import { Type, type Static } from 'typebox'

const text = (description: string) => Type.String({ description })
const bytes = (description: string) => Type.Integer({ minimum: 0, description })
const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description })
const mbps = (description: string) => Type.Number({ minimum: 0, description: `${description}, MiB/s` })
const ms = (description: string) => Type.Integer({ minimum: 0, description: `${description}, milliseconds` })
const time = (description: string) => Type.String({ format: 'date-time', description })

const Throughput = Type.Object({
  current_mbps: mbps('Over the last update; 0 before the second one and while stalled'),
  average_mbps: mbps('Over the run as far as it was seen'),
  peak_mbps: mbps('The highest current one'),
  last_update: time('Last change'),
})

const Timing = Type.Object({
  start_time: time('Start of the run'),
  last_update: time('Last change'),
  elapsed_ms: ms('Since the start, until now or the end'),
  phase_start: time('Start of the present phase'),
  phase_elapsed_ms: ms('Since then'),
  eta_seconds: Type.Integer({ minimum: 0, description: '0 when unknown; see progress.eta_seconds' }),
})

const VmInfo = Type.Object({
  name: text('unknown unless registered'),
  path: text('unknown unless registered'),
  disk_size_gb: Type.Integer({ minimum: 0, description: 'GiB, rounded down' }),
  disk_size_bytes: bytes('As registered, else the total'),
  cbt_enabled: Type.Boolean(),
})

const Phase = Type.Object({
  name: text('Stage'),
  status: text('Last status word in it; Completed once it was left'),
  start_time: time('When it began'),
  end_time: text('RFC 3339; empty while it lasts'),
  duration_ms: ms('Until now or its end'),
})

const Aggregate = Type.Object({
  total_bytes: bytes('Bytes to move'),
  bytes_transferred: bytes('Bytes moved'),
  throughput_bps: bytes('Bytes per second over the last update'),
  percent: percent('As percentage'),
})

const Cbt = Type.Object({
  type: text('As registered, else the sync type'),
  previous_change_id: text('Empty unless registered'),
  change_id: text('Empty unless registered'),
})

const NbdExport = Type.Object({
  name: text('Export name'),
  device: text('Block device'),
  connected: Type.Boolean(),
  started_at: text('RFC 3339, or empty'),
})

const Disk = Type.Object({
  id: text('disk_id of its updates'),
  label: text('As registered'),
  planned_bytes: bytes('Bytes to move: the reported total, else the registered plan'),
  bytes_transferred: bytes('Bytes moved'),
  throughput_bps: bytes('Bytes per second over the last update'),
  percent: percent('Percent of the transfer; 0 during set-up'),
  status: text('Its last status word; Queued until its first update'),
  stage: text('Its last stage; empty until its first update'),
  origin: text('Where planned_bytes comes from: cbt, allocated, capacity or reported'),
})

export const ProgressDocumentSchema = Type.Object({
  job_id: text('The key of the path'),
  status: text('The sender’s last status word'),
  sync_type: text('full unless said otherwise'),
  phase: text('As current_operation'),
  percentage: percent('Percent of the transfer; of set-up until the transfer starts'),
  current_operation: text('The sender’s last stage word'),
  bytes_transferred: bytes('Bytes moved'),
  total_bytes: bytes('Bytes to move; 0: not known'),
  throughput: Throughput,
  timing: Timing,
  vm_info: VmInfo,
  phases: Type.Array(Phase),
  errors: Type.Array(Type.String()),
  last_error: Type.Union([Type.String(), Type.Null()]),
  stage: text('v1.0: as current_operation'),
  started_at: time('v1.0: start of the run'),
  updated_at: time('v1.0: last change'),
  aggregate: Aggregate,
  cbt: Cbt,
  nbd: Type.Object({ exports: Type.Array(NbdExport) }),
  disks: Type.Array(Disk),
  setup_progress_percent: Type.Union([percent('Percent of set-up'), Type.Null()]),
  progress: Type.Object({
    eta_seconds: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'null when unknown or stalled',
    }),
    disks_total: Type.Integer({ minimum: 0 }),
    disks_reporting: Type.Integer({ minimum: 0 }),
  }),
  run: Type.Object({
    number: Type.Integer({ minimum: 1, description: 'Grows with each run under this key' }),
    started_at: time('When it began'),
    updated_at: time('Last change'),
    heard_at: time('Last update of any kind, repeated ones too'),
    ended_at: Type.Union([time('When it ended'), Type.Null()]),
  }),
  revision: Type.Integer({ minimum: 0, description: 'Grows with every change in the whole service' }),
  server_time: time('Our clock at the time of this answer'),
})
export type ProgressDocument = Static<typeof ProgressDocumentSchema>
