import t from 'tap'
import type { TableJob } from '../../src/cli/table.ts'
import { Tally } from '../../src/cli/tally.ts'

const JOB: TableJob = {
  job_id: 'job-1',
  vm_name: 'pgtest1',
  status: 'replicating',
  replication_type: 'initial',
  current_operation: 'Transfer',
  progress_percent: 10,
  bytes_transferred: 10,
  total_bytes: 100,
  transfer_speed_bps: 1,
  eta_seconds: 90,
  disks_total: 1,
  disks_reporting: 1,
}

function kinds(tally: Tally, jobs: readonly TableJob[]): readonly string[] {
  return tally.look(jobs).map((event) => `${event.job.job_id} ${event.kind}`)
}

t.test('tells starts, stages and ends once each', async (t) => {
  const tally = new Tally()
  t.same(kinds(tally, [{ ...JOB, status: 'pending', current_operation: '' }]), ['job-1 started'])
  t.same(kinds(tally, [{ ...JOB, current_operation: 'Initializing' }]), ['job-1 stage'])
  t.same(kinds(tally, [{ ...JOB, current_operation: 'Initializing', progress_percent: 50 }]), [])
  t.same(kinds(tally, [JOB]), ['job-1 stage'])
  t.same(kinds(tally, [{ ...JOB, status: 'completed' }]), ['job-1 completed'])
  t.same(kinds(tally, [{ ...JOB, status: 'completed' }]), [])
  t.same(kinds(tally, []), [])
  t.same([tally.completed, tally.failed], [1, 0])
})

t.test('a job that starts and ends between two looks is counted', async (t) => {
  const tally = new Tally()
  t.same(kinds(tally, [{ ...JOB, status: 'failed' }]), ['job-1 started', 'job-1 failed'])
  t.same([tally.completed, tally.failed], [0, 1])
})
