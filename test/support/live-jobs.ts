/** Live states as the runtime gives them. */

import { liveJob, type LiveJobJson, type LiveView } from '../../src/model/live.ts'
import { rfc3339 } from '../../src/model/time.ts'

/** A job half-way through its one disk, heard of at `at`. */
export function liveJobAt(at: number, zone: string, fields: Partial<LiveView> = {}): LiveJobJson {
  const amounts = { percent: 50.25, bytes: 19_423_989_432, totalBytes: 38_654_705_664, speedBps: 24_026_878.4 }
  const view: LiveView = {
    at,
    verdict: { state: 'moving', since: at - 60_000 },
    jobId: 'job-20250909-114850',
    vmName: 'pgtest1',
    vmContextId: 'ctx-pgtest1-20250909-113839',
    vcenterHost: 'quad-vcenter-01.quadris.local',
    status: 'replicating',
    replicationType: 'initial',
    operation: 'Transfer',
    errorMessage: '',
    createdAt: at - 600_000,
    startedAt: null,
    completedAt: null,
    lastContactAt: at,
    lastWriteAt: null,
    lastError: null,
    pollState: 'waiting',
    errors: 0,
    nextPollAt: at + 2_000,
    percent: amounts.percent,
    bytes: amounts.bytes,
    totalBytes: amounts.totalBytes,
    progress: {
      stage: 'Transfer',
      phase: 'Transfer',
      ...amounts,
      etaSeconds: 801,
      disksReporting: 1,
      disks: [
        {
          diskId: 'disk-2000',
          key: 'migration-vol-5dbff3d8-531a-4a80-9977-c5ae25b9c4ae',
          reporting: true,
          status: 'syncing',
          ...amounts,
          totalOrigin: 'reported',
          etaSeconds: 801,
        },
      ],
    },
    ...fields,
  }
  return liveJob(view, (time) => rfc3339(time, zone))
}
