/** What the services say of themselves: health (API-5, VMA-10), and the OMA of its polling (API-4). */

import { Type, type Static } from 'typebox'
import { FEED_STATES } from '../feed-state.ts'
import { bytes, count, number, numberOrNull, text, textOrNull, timeOrNull, timeText, whole } from './schema-words.ts'

export const HealthSchema = Type.Object({
  status: Type.Literal('ok'),
  service: text('oma'),
  active_jobs: count('Jobs'),
})

/** The VMA's, for the OMA's probe. */
export const VmaHealthSchema = Type.Object({
  status: Type.Literal('healthy'),
  service: text('vma'),
  jobs: count('Jobs that are known'),
  uptime_seconds: count('Whole seconds'),
  time: timeText('Our clock'),
})

const VmaCheckSchema = Type.Object({
  name: text('As the settings name it'),
  status: Type.Enum(['up', 'down']),
  since: timeText('Since when'),
  reason: textOrNull('What its last probe ended in; null while it is up'),
})

/** `/readyz`. */
export const ReadinessSchema = Type.Object({
  status: Type.Enum(['ready', 'degraded']),
  reasons: Type.Array(Type.String(), { description: 'Empty when ready; sentences for people otherwise' }),
  checks: Type.Object({
    database: Type.Object({ status: Type.Enum(['up', 'down']), writes_waiting: count('Rows and ends that wait') }),
    vmas: Type.Array(VmaCheckSchema),
    workers: Type.Object({ status: Type.Enum(['up', 'down']) }),
  }),
})

export const ExportNamesSchema = Type.Object({
  job_id: text('The job'),
  nbd_export_names: Type.Array(Type.String(), { description: 'What the VMA is asked for' }),
  disks: Type.Array(
    Type.Object({
      id: whole('Row of vm_disks'),
      disk_id: text('VMware’s name of the disk'),
      nbd_export_name: textOrNull('null while no volume is linked'),
      capacity_bytes: bytes('Capacity'),
      sync_status: text('pending, snapshotting, syncing, completed or failed'),
      bytes_synced: bytes('Moved'),
    }),
  ),
})

const CircuitSchema = Type.Object({
  name: text('As the settings name it'),
  state: text('closed, checking, open or probing'),
  status: Type.Enum(['up', 'down']),
  since: timeText('Since when it is up or down'),
  reason: textOrNull('What its last probe ended in; null while it is up'),
  active_jobs: count('Jobs that are asked of it'),
  feed: Type.Enum([...FEED_STATES, 'off'], {
    description: 'Its change feed: followed, or why its jobs are polled one by one',
  }),
})

export const LogLevelSchema = Type.Object({
  level: text('trace, debug, info, warn or error'),
  configured_level: text('Of the settings'),
  until: timeOrNull('When it is that of the settings again; null while it is, or until a signal says so'),
})

export const LogLevelOrderSchema = Type.Object(
  {
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error']),
    for: Type.Optional(Type.String({ description: 'A duration from 1s to 24h, as 10m, which it is without' })),
  },
  { additionalProperties: false },
)

const IdleJobSchema = Type.Object({
  job_id: text('The job'),
  vm_name: text('VM'),
  state: Type.Enum(['suspended', 'paused']),
  since: timeText('Since when'),
  consecutive_errors: count('Errors that count'),
  last_contact_at: timeOrNull('Last answer'),
  last_error: textOrNull('Code of the last error'),
})

/** The documents' metrics of the poller, over the last minute where a rate or a share is meant. */
export const PollingStatusSchema = Type.Object({
  active_jobs: count('Jobs that are polled, or wait for it'),
  jobs_by_state: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  window_seconds: number('What the next four are counted over'),
  polls_per_second: number('Polls'),
  success_rate_percent: numberOrNull('Polls that brought progress; null without polls'),
  average_response_time_ms: numberOrNull('From asking to the answer, of all polls; null without polls'),
  database_updates_per_second: number('Rows of jobs written'),
  error_distribution: Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
    description: 'By code, since the start',
  }),
  polls_total: count('Since the start'),
  lateness_ms: Type.Object({ p50: number('Median'), p99: number('99 of 100'), max: number('Most') }),
  vmas: Type.Array(CircuitSchema),
  queues: Type.Object({
    polls_in_flight: count('Asked, not answered'),
    results_waiting: count('Answered, not read'),
    writes_waiting: count('Rows and ends not written'),
    database_degraded: Type.Boolean({ description: 'The database did not take the last write' }),
  }),
  suspended_count: count('Jobs that are not asked for: too many errors, or stopped by hand'),
  suspended_jobs: Type.Array(IdleJobSchema, { description: 'The first 100 of them' }),
})
export type PollingStatusJson = Readonly<Static<typeof PollingStatusSchema>>
