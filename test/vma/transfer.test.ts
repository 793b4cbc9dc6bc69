/** One sender: what migratekit sends in a run, and what is told of it. */

import t from 'tap'
import { MIB } from '../../src/model/units.ts'
import { GB, HandVma } from '../support/vma.ts'

t.test('[VMA-1] a whole run as real clients send it', async (t) => {
  const vma = new HandVma()
  for (const [stage, percent] of [
    ['Initializing', 5],
    ['Creating Snapshot', 10],
    ['Creating Snapshot', 15],
    ['Setting up NBD', 20],
    ['Preparing Migration', 30],
  ] as const) {
    t.equal(vma.setup(stage, percent), 'accepted')
    t.match(vma.get(), { percentage: percent, setup_progress_percent: percent, current_operation: stage, phase: stage })
    vma.pass(2)
  }
  t.equal(vma.transfer(0, { percent: 0, total_bytes: 10 * GB, sync_type: 'incremental' }), 'accepted')
  t.match(vma.get(), { percentage: 0, setup_progress_percent: 30, sync_type: 'incremental', total_bytes: 10 * GB })
  t.equal(vma.get().run.number, 1, 'percent falls from set-up to transfer within one run')
  vma.pass(10).transfer(GB, { percent: 10 })
  vma.pass(10).completed(10 * GB, { total_bytes: 10 * GB })
  const { phases, run, ...done } = vma.get()
  t.match(done, { status: 'completed', percentage: 100, bytes_transferred: 10 * GB, last_error: null, errors: [] })
  t.equal(run.ended_at, '2025-09-05T15:00:30.000Z')
  t.same(
    phases.map(({ name, status, duration_ms }) => [name, status, duration_ms]),
    [
      ['Initializing', 'Completed', 2_000],
      ['Creating Snapshot', 'Completed', 4_000],
      ['Setting up NBD', 'Completed', 2_000],
      ['Preparing Migration', 'Completed', 2_000],
      ['Transfer', 'completed', 20_000],
    ],
  )
  vma.pass(100)
  t.equal(vma.get().timing.elapsed_ms, 30_000, 'an ended run grows no older')
})

t.test('[VMA-1] an incremental with no changed block is complete with nothing to move', async (t) => {
  const vma = new HandVma()
  vma.setup('Preparing Migration', 30)
  vma.pass(2).completed(0, { total_bytes: 0 })
  t.match(vma.get(), { status: 'completed', percentage: 100, bytes_transferred: 0, total_bytes: 0 })
  t.type(vma.get().run.ended_at, 'string')
})

t.test('[VMA-1] without a percent it is worked out, and it never passes 100', async (t) => {
  const vma = new HandVma()
  vma.transfer(25, { total_bytes: 100 })
  t.equal(vma.get().percentage, 25)
  vma.pass(1).transfer(120)
  t.match(vma.get(), { percentage: 100, bytes_transferred: 120, total_bytes: 100 })
  t.equal(vma.get().run.ended_at, null, 'all bytes moved is no word of completion')
})

t.test('[VMA-1] missing words keep the last ones', async (t) => {
  const vma = new HandVma()
  vma.post({ bytes_transferred: 5 })
  t.match(vma.get(), { status: 'Running', current_operation: 'Transfer' })
  vma.post({ stage: 'Finalize', status: 'Finalizing' })
  vma.post({ stage: '', status: '', percent: 50 })
  t.match(vma.get(), { status: 'Finalizing', current_operation: 'Finalize', percentage: 50, bytes_transferred: 5 })
})

t.test('completion of a stage is not completion of the job', async (t) => {
  const vma = new HandVma()
  vma.post({ stage: 'Snapshot', status: 'completed', percent: 15 })
  t.equal(vma.get().run.ended_at, null)
  vma.transfer(10, { total_bytes: 100 })
  vma.post({ stage: 'Transfer', status: 'completed', bytes_transferred: 50 })
  t.equal(vma.get().run.ended_at, null, 'half of the bytes are missing')
  vma.post({ stage: 'Complete', status: 'Completed' })
  t.type(vma.get().run.ended_at, 'string', 'a stage of that name is the job’s end')
})

t.test('a failure tells its reason', async (t) => {
  const vma = new HandVma()
  vma.transfer(40, { total_bytes: 100, error_message: 'read slow, trying again' })
  t.match(vma.get(), { last_error: null, errors: ['read slow, trying again'] })
  vma.pass(5).post({ stage: 'Transfer', status: 'failed', bytes_transferred: 0, error_message: 'NBD write failed' })
  t.match(vma.get(), {
    status: 'failed',
    bytes_transferred: 40,
    percentage: 40,
    last_error: 'NBD write failed',
    errors: ['read slow, trying again', 'NBD write failed'],
  })
  t.equal(vma.get().progress.eta_seconds, null)
})

t.test('a failure after completion is not hidden, a completion after a failure is another run', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { total_bytes: 100 })
  vma.pass(1).post({ stage: 'PersistChangeIDs', status: 'failed', error_message: 'database away' })
  t.match(vma.get(), { status: 'failed', last_error: 'database away', run: { number: 1 } })
  vma.pass(60).completed(100, { total_bytes: 100 })
  t.match(vma.get(), { status: 'completed', last_error: null, run: { number: 2 } })
})

t.test('[VMA-5] current, average and peak throughput', async (t) => {
  const vma = new HandVma()
  vma.transfer(0, { total_bytes: 1_000 * MIB })
  t.match(vma.get().throughput, { current_mbps: 0, average_mbps: 0, peak_mbps: 0 }, 'nothing is known of one update')
  t.equal(vma.get().progress.eta_seconds, null)
  t.equal(vma.get().timing.eta_seconds, 0)
  vma.pass(2).transfer(200 * MIB)
  t.match(vma.get().throughput, { current_mbps: 100, average_mbps: 100, peak_mbps: 100 })
  vma.pass(2).transfer(220 * MIB)
  t.match(vma.get().throughput, { current_mbps: 10, average_mbps: 55, peak_mbps: 100 })
  t.equal(vma.get().progress.eta_seconds, 78)
  t.equal(vma.get().timing.eta_seconds, 78)
  vma.pass(2).transfer(230 * MIB, { throughput_bps: 50 * MIB })
  t.equal(vma.get().throughput.current_mbps, 50, 'the sender’s own measure')
  t.equal(vma.get().aggregate.throughput_bps, 50 * MIB)
})

t.test('[VMA-5] a transfer that stands still has no speed and no ETA', async (t) => {
  const vma = new HandVma()
  vma.transfer(0, { total_bytes: 1_000 * MIB })
  vma.pass(2).transfer(200 * MIB, { throughput_bps: 100 * MIB })
  vma.pass(59)
  t.equal(vma.get().progress.eta_seconds, 8)
  vma.pass(2)
  t.match(vma.get(), { throughput: { current_mbps: 0 }, progress: { eta_seconds: null }, timing: { eta_seconds: 0 } })
})

t.test('[VMA-5] a run that was under way when first heard of is measured from there', async (t) => {
  const vma = new HandVma()
  vma.transfer(900 * MIB, { total_bytes: 1_000 * MIB })
  vma.pass(10).transfer(950 * MIB)
  t.equal(vma.get().throughput.average_mbps, 5)
})

t.test('[VMA-5] phases end where the next one begins', async (t) => {
  const vma = new HandVma()
  vma.setup('Snapshot', 10)
  vma.pass(5).transfer(0, { total_bytes: 10 })
  vma.pass(3)
  t.same(vma.get().phases, [
    {
      name: 'Snapshot',
      status: 'Completed',
      start_time: '2025-09-05T15:00:00Z',
      end_time: '2025-09-05T15:00:05Z',
      duration_ms: 5_000,
    },
    { name: 'Transfer', status: 'in_progress', start_time: '2025-09-05T15:00:05Z', end_time: '', duration_ms: 3_000 },
  ])
  t.match(vma.get().timing, { phase_start: '2025-09-05T15:00:05Z', phase_elapsed_ms: 3_000, elapsed_ms: 8_000 })
})
