/** What the OMA writes: rows of jobs, and JobLog. */

import { NO_LABELS, type MetricTable } from './table.ts'

const WRITES = 'src/actors/write-batcher.ts'

export const DATABASE_METRICS = {
  sightline_db_rows_written_total: {
    type: 'counter',
    labels: {
      table: '`replication_jobs`, `vm_disks`, `cbt_history`',
      reason:
        'why the row was due (THR-1): `first`, `status`, `operation`, `percent`, `interval`, `heartbeat`, `terminal`',
    },
    unit: 'rows',
    help: 'Rows of jobs that the database took.',
    from: 'src/actors/write-counts.ts',
  },
  sightline_db_rows_refused_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'rows',
    help: 'Rows whose job another writer had ended, or whose row was gone (STAT-3).',
    from: WRITES,
  },
  sightline_db_rows_given_up_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'rows',
    help: 'Rows and ends that the database can never take, and that were given up.',
    from: WRITES,
  },
  sightline_db_faults_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'faults',
    help: 'Writes that failed; most of them are tried again (DB-5).',
    from: WRITES,
  },
  sightline_db_degraded: {
    type: 'gauge',
    labels: NO_LABELS,
    unit: '1',
    help: '1 while the database did not take the last write and rows wait in memory (DB-5), else 0.',
    from: WRITES,
  },
  sightline_db_flush_duration_seconds: {
    type: 'histogram',
    labels: NO_LABELS,
    unit: 'seconds',
    help: 'How long one flush of all due rows and ends took (DB-1).',
    from: 'src/actors/write-counts.ts',
  },
  sightline_db_flush_rows: {
    type: 'histogram',
    labels: NO_LABELS,
    unit: 'rows',
    help: 'Rows of replication_jobs that one flush wrote.',
    from: 'src/actors/write-counts.ts',
  },
  sightline_job_log_rows_total: {
    type: 'counter',
    labels: { result: '`written`, `refused` (their job or step is gone), `dropped` for want of room or time' },
    unit: 'rows',
    help: 'Rows of job_tracking, job_steps and log_events (LOG-1).',
    from: 'src/actors/job-log.ts',
  },
  sightline_job_log_faults_total: {
    type: 'counter',
    labels: NO_LABELS,
    unit: 'faults',
    help: "Writes of the jobs' log that failed.",
    from: 'src/actors/job-log.ts',
  },
} satisfies MetricTable
