/**
 * What happens in the services, as a table: each event with its log line, the metrics that count it and what JobLog keeps of
 * it. Whoever tells an event names it (`tell`): level, text and fields of its line come from here, and docs/telemetry.md too.
 */

import type { Logger } from 'pino'
import type { OMA_METRICS } from './metrics/oma.ts'
import type { VMA_METRICS } from './metrics/vma.ts'

type MetricName = keyof typeof OMA_METRICS | keyof typeof VMA_METRICS

export interface EventLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  /** Of the line; `err` is an error with its causes. */
  readonly fields: readonly string[]
  readonly metrics: readonly MetricName[]
  /** What stands in job_tracking, job_steps or log_events (LOG-1). */
  readonly jobLog?: string
}

const JOB = ['job_id', 'correlation_id'] as const

const JOB_EVENTS = {
  'job.adopted': {
    level: 'info',
    message: 'Starting progress polling for replication job',
    fields: [...JOB, 'vm_name', 'status'],
    metrics: ['sightline_active_jobs', 'sightline_job_verdicts'],
    jobLog: 'job_tracking row, running',
  },
  'job.moved': {
    level: 'info',
    message: 'job moved on',
    fields: [...JOB, 'vm_name', 'status', 'operation'],
    metrics: ['sightline_active_jobs', 'sightline_db_rows_written_total'],
    jobLog: 'job_steps row of the stage; log_events INFO',
  },
  'job.ended': {
    level: 'info',
    message: 'Job ended, stopping progress polling',
    fields: [...JOB, 'vm_name', 'status', 'error'],
    metrics: ['sightline_job_ends_total'],
    jobLog: 'job_tracking and its last step end; log_events INFO or ERROR',
  },
  'job.inferred': {
    level: 'warn',
    message: 'Job vanished when it was all but over: taken as completed',
    fields: [...JOB, 'vm_name', 'status'],
    metrics: ['sightline_job_ends_total'],
    jobLog: 'as job.ended, marked as inferred',
  },
  'job.revived': {
    level: 'info',
    message: 'job revived: its VMA still reports the run',
    fields: ['job_id', 'vm_name', 'status'],
    metrics: ['sightline_jobs_revived_total'],
    jobLog: 'job_tracking row, running again',
  },
  'job.revival_failed': {
    level: 'warn',
    message: 'a lost job could not be brought back; it is tried again',
    fields: ['err', 'what'],
    metrics: [],
  },
  'job.crashed': {
    level: 'error',
    message: 'a job actor threw; it is started again',
    fields: [...JOB, 'err', 'delay_ms', 'suspended'],
    metrics: ['sightline_actor_restarts_total'],
    jobLog: 'log_events ERROR with the stack',
  },
  'job.backward': {
    level: 'debug',
    message: 'backward status ignored',
    fields: [...JOB, 'status', 'saw'],
    metrics: ['sightline_backward_statuses_total'],
  },
  'job.unknown_word': {
    level: 'warn',
    message: 'unknown status word; the status stays',
    fields: [...JOB, 'word'],
    metrics: ['sightline_unknown_words_total'],
  },
} as const satisfies Readonly<Record<string, EventLine>>

const POLLING_EVENTS = {
  'poll.failed': {
    level: 'debug',
    message: 'poll failed',
    fields: [...JOB, 'code', 'reason'],
    metrics: ['sightline_polls_total', 'sightline_poll_duration_seconds', 'sightline_poll_lateness_seconds'],
    jobLog: 'log_events WARN, once for each kind of error in a row',
  },
  'vma.down': {
    level: 'warn',
    message: 'VMA unreachable: its jobs are held until it answers',
    fields: ['vma', 'code', 'reason'],
    metrics: ['sightline_vma_up', 'sightline_vma_circuit_state', 'sightline_vma_circuit_opens_total'],
  },
  'vma.up': {
    level: 'info',
    message: 'VMA answers again: its jobs are polled',
    fields: ['vma', 'down_ms'],
    metrics: ['sightline_vma_up', 'sightline_vma_circuit_state'],
  },
  'vma.feed': {
    level: 'info',
    message: 'change feed',
    fields: ['vma', 'feed'],
    metrics: ['sightline_vma_feed_state'],
  },
  'thread.restarted': {
    level: 'error',
    message: 'a fetch thread died and is started again',
    fields: ['err', 'thread'],
    metrics: ['sightline_thread_restarts_total', 'sightline_threads_down'],
  },
  'discovery.changed': {
    level: 'info',
    message: 'discovery',
    fields: ['active', 'adopted', 'released'],
    metrics: ['sightline_discovery_rounds_total', 'sightline_active_jobs'],
  },
  'discovery.failed': {
    level: 'warn',
    message: 'the database did not answer discovery; the next round tries again',
    fields: ['err'],
    metrics: ['sightline_discovery_rounds_total', 'sightline_ready'],
  },
} as const satisfies Readonly<Record<string, EventLine>>

const DATABASE_EVENTS = {
  'db.not_open': {
    level: 'error',
    message: 'the database is not there yet; trying again',
    fields: ['err'],
    metrics: ['sightline_ready'],
  },
  'db.lacks': {
    level: 'warn',
    message:
      'optional tables or columns are missing; what needs them is off until `sightline migrate` or another makes them',
    fields: ['missing'],
    metrics: [],
  },
  'db.write_failed': {
    level: 'warn',
    message: 'the database did not take a write; it is kept',
    fields: ['err', 'what'],
    metrics: ['sightline_db_faults_total', 'sightline_db_degraded', 'sightline_queue_depth'],
  },
  'db.write_given_up': {
    level: 'error',
    message: 'a write was given up',
    fields: ['err', ...JOB],
    metrics: ['sightline_db_rows_given_up_total'],
  },
  'job_log.failed': {
    level: 'warn',
    message: "the database did not take the jobs' log",
    fields: ['err', 'lost'],
    metrics: ['sightline_job_log_faults_total', 'sightline_job_log_rows_total'],
  },
  'histories.failed': {
    level: 'warn',
    message: 'histories of jobs are not stored at present; they stay in memory',
    fields: ['err'],
    metrics: [],
  },
  'db.close_failed': { level: 'warn', message: 'closing the database', fields: ['err'], metrics: [] },
} as const satisfies Readonly<Record<string, EventLine>>

const SERVICE_EVENTS = {
  'oma.up': { level: 'info', message: 'OMA is up', fields: ['url', 'vmas'], metrics: ['sightline_build_info'] },
  'vma.service_up': { level: 'info', message: 'VMA is up', fields: ['url'], metrics: ['sightline_build_info'] },
  'service.token_made': {
    level: 'info',
    message: 'no tokens are configured: one for this run is in a file',
    fields: ['file'],
    metrics: [],
  },
  'service.stopping': { level: 'info', message: 'stopping', fields: [], metrics: [] },
  'service.stopped': { level: 'info', message: 'stopped', fields: [], metrics: [] },
  'service.given_up': {
    level: 'error',
    message: 'not everything was finished within 10 s; it is given up',
    fields: [],
    metrics: [],
  },
  'http.failed': { level: 'error', message: 'request failed', fields: ['err', 'path'], metrics: [] },
  'http.unreadable': {
    level: 'error',
    message: 'the database could not be read for a request',
    fields: ['err', 'what'],
    metrics: [],
  },
  'jwks.failed': {
    level: 'error',
    message: 'the JWKS file is not taken over; the keys known so far stay',
    fields: ['err'],
    metrics: [],
  },
  'listener.failed': { level: 'error', message: 'a listener to changes failed', fields: ['err'], metrics: [] },
  'log.level': {
    level: 'info',
    message: 'log level changed',
    fields: ['from', 'to', 'for_ms'],
    metrics: ['sightline_log_lines_total'],
  },
} as const satisfies Readonly<Record<string, EventLine>>

export const EVENTS = { ...JOB_EVENTS, ...POLLING_EVENTS, ...DATABASE_EVENTS, ...SERVICE_EVENTS }
export type EventName = keyof typeof EVENTS

type Fields<Name extends EventName> = Readonly<Record<(typeof EVENTS)[Name]['fields'][number], unknown>>

/** Writes the event's line. */
export function tell<Name extends EventName>(log: Logger, name: Name, fields: Fields<Name>): void {
  const { level, message }: EventLine = EVENTS[name]
  log[level](fields as object, message)
}
