/** Rows as the runtime hands them to a database, about the documents' own job. */

import type { JobEnd, ProgressRow } from '../../src/db/ports.ts'
import { DOCUMENTED_JOB } from './inventory.ts'

export const NOW = Date.parse('2025-09-09T11:12:08.204Z')

export function row(fields: Partial<ProgressRow> = {}): ProgressRow {
  return {
    jobId: DOCUMENTED_JOB,
    status: 'replicating',
    currentOperation: 'Transfer',
    percent: 2.17,
    bytes: 933232640,
    totalBytes: 42949672960,
    speedBps: 12013439,
    phase: 'Transfer',
    throughputMbps: 11.46,
    etaSeconds: null,
    lastPollAt: NOW,
    updatedAt: NOW,
    disks: [{ diskId: 'disk-2000', status: 'syncing', percent: 2.17, bytes: 933232640 }],
    ...fields,
  }
}

export function end(fields: Partial<JobEnd> = {}): JobEnd {
  const status = fields.status ?? 'completed'
  return {
    row: row({ status, percent: 100, bytes: 42949672960, disks: [] }),
    status,
    vmContextId: 'ctx-pgtest1',
    completedAt: NOW,
    disks: [
      {
        diskId: 'disk-2000',
        status: status === 'completed' ? 'completed' : 'failed',
        percent: 100,
        bytes: 42949672960,
        changeId: '52 3c/12',
        previousChangeId: '',
        syncType: 'initial',
        durationSeconds: 400,
        success: status === 'completed',
      },
    ],
    ...fields,
  }
}
