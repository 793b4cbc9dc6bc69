/** Rows of a job's log as the runtime hands them to a database, about the documents' own job. */

import { correlationId } from '../../src/actors/correlation.ts'
import type { JobLogBatch, LogEvent, StepRow, TrackingRow } from '../../src/model/job-log-rows.ts'
import { DOCUMENTED_JOB } from './inventory.ts'
import { NOW } from './rows.ts'

export const TRACKING_ID = correlationId(DOCUMENTED_JOB)
const own = { trackingId: TRACKING_ID, jobId: DOCUMENTED_JOB }

export function tracking(fields: Partial<TrackingRow> = {}): TrackingRow {
  return {
    ...own,
    vmContextId: 'ctx-pgtest1',
    status: 'running',
    percent: 40,
    metadata: { vm_name: 'pgtest1', status: 'replicating', runs: ['', 'run-1'] },
    errorMessage: '',
    startedAt: NOW,
    completedAt: null,
    updatedAt: NOW,
    ...fields,
  }
}

export function step(fields: Partial<StepRow> = {}): StepRow {
  return {
    ...own,
    seq: 1,
    name: 'Transfer',
    status: 'running',
    startedAt: NOW,
    completedAt: null,
    errorMessage: '',
    ...fields,
  }
}

export function event(fields: Partial<LogEvent> = {}): LogEvent {
  return {
    ...own,
    seq: 1,
    level: 'INFO',
    message: 'Progress reached 40 %',
    attrs: { milestone: 40, note: 'it\'s "40" %' },
    at: NOW,
    ...fields,
  }
}

export function batch(fields: Partial<JobLogBatch> = {}): JobLogBatch {
  return { tracking: [], steps: [], events: [], repeat: false, ...fields }
}
