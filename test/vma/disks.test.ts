/** Several disks under one key. */

import t from 'tap'
import { MIB } from '../../src/model/units.ts'
import { GB, HandVma } from '../support/vma.ts'

const A = { disk_id: 'disk-a' }
const B = { disk_id: 'disk-b' }

t.test('[VMA-6] the job is the byte-weighted sum of its disks', async (t) => {
  const vma = new HandVma()
  vma.transfer(0, { ...A, total_bytes: 900 * MIB })
  vma.transfer(0, { ...B, total_bytes: 100 * MIB })
  vma.pass(10).transfer(90 * MIB, A)
  vma.transfer(60 * MIB, B)
  const job = vma.get()
  t.match(job, { bytes_transferred: 150 * MIB, total_bytes: 1_000 * MIB, percentage: 15, status: 'in_progress' })
  t.match(job.throughput, { current_mbps: 15, average_mbps: 15, peak_mbps: 15 })
  t.match(job.progress, { eta_seconds: 57, disks_total: 2, disks_reporting: 2 })
  t.same(
    job.disks.map((disk) => [disk.id, disk.bytes_transferred, disk.planned_bytes, disk.percent, disk.throughput_bps]),
    [
      ['disk-a', 90 * MIB, 900 * MIB, 10, 9 * MIB],
      ['disk-b', 60 * MIB, 100 * MIB, 60, 6 * MIB],
    ],
  )
})

t.test('[VMA-6] seq is counted per disk', async (t) => {
  const vma = new HandVma()
  vma.transfer(10, { ...A, total_bytes: 100, seq: 50 })
  t.equal(vma.transfer(10, { ...B, total_bytes: 100, seq: 1 }), 'accepted')
  t.equal(vma.transfer(5, { ...A, seq: 49 }), 'ignored_late')
})

t.test('[VMA-6] completed when all disks are, failed as soon as one is', async (t) => {
  const vma = new HandVma()
  vma.transfer(10, { ...A, total_bytes: 100 })
  vma.transfer(10, { ...B, total_bytes: 340 })
  vma.completed(100, A)
  t.match(vma.get(), { status: 'in_progress', percentage: 25, run: { ended_at: null } })
  vma.pass(1).completed(340, B)
  t.match(vma.get(), { status: 'completed', percentage: 100, run: { ended_at: '2025-09-05T15:00:01.000Z', number: 1 } })

  const failing = new HandVma()
  failing.transfer(10, { ...A, total_bytes: 100 })
  failing.transfer(10, { ...B, total_bytes: 100 })
  failing.post({ stage: 'Transfer', status: 'failed', error_message: 'disk gone', ...A })
  failing.pass(1).transfer(30, B)
  t.match(failing.get(), { status: 'failed', last_error: 'disk gone', bytes_transferred: 40, run: { number: 1 } })
})

t.test('[VMA-6] the least advanced disk speaks for the job', async (t) => {
  const vma = new HandVma()
  vma.post({ stage: 'Finalize', status: 'Finalizing', bytes_transferred: 100, total_bytes: 100, ...A })
  vma.transfer(10, { ...B, status: 'Streaming', total_bytes: 100 })
  t.match(vma.get(), { status: 'Streaming', current_operation: 'Transfer' })
})

t.test('[VMA-6] a disk seen for the first time joins the run, even when the others are done', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { ...A, total_bytes: 100 })
  vma.pass(5).transfer(0, { ...B, total_bytes: 100 })
  t.match(vma.get(), {
    status: 'in_progress',
    run: { number: 1, ended_at: null },
    bytes_transferred: 100,
    total_bytes: 200,
  })
  vma.pass(5).completed(100, B)
  t.match(vma.get(), { status: 'completed', bytes_transferred: 200, run: { number: 1 } })
})

t.test('[VMA-8] a disk that starts over starts a new run of the job', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { ...A, total_bytes: 100 })
  vma.completed(100, { ...B, total_bytes: 100 })
  vma.pass(3_600).transfer(1, { ...B, total_bytes: 10 })
  t.match(
    vma.get(),
    { bytes_transferred: 1, total_bytes: 10, run: { number: 2 } },
    'disk-a has not reported in this run',
  )
  vma.transfer(2, { ...A, total_bytes: 10 })
  t.match(vma.get(), { bytes_transferred: 3, total_bytes: 20, run: { number: 2 } })
})

t.test('[VMA-8] set-up without a disk id begins the next sync of a disk', async (t) => {
  const vma = new HandVma()
  vma.setup('Initializing', 5)
  vma.setup('Preparing Migration', 30)
  vma.transfer(0, { ...A, total_bytes: 100 })
  t.match(vma.get(), { percentage: 0, setup_progress_percent: 30, current_operation: 'Transfer' })
  vma.transfer(50, A)
  vma.completed(100, A)
  t.match(vma.get(), { status: 'completed', percentage: 100, run: { number: 1 } })
  vma.pass(3_600).setup('Initializing', 5)
  t.match(vma.get(), { status: 'in_progress', percentage: 5, bytes_transferred: 0, run: { number: 2 } })
})

t.test('[VMA-8] set-up of one disk beside the transfer of others is no restart', async (t) => {
  const vma = new HandVma()
  vma.setup('Preparing Migration', 30)
  vma.transfer(50, { ...A, total_bytes: 100 })
  vma.transfer(50, { ...B, total_bytes: 100 })
  vma.setup('Initializing', 5)
  t.match(vma.get(), { percentage: 50, current_operation: 'Transfer', run: { number: 1 } })
})

t.test('[VMA-7] a bar of several disks never runs backwards', async (t) => {
  const vma = new HandVma()
  vma.transfer(90, { ...A, total_bytes: 100 })
  vma.transfer(0, { ...B, total_bytes: 100 })
  t.match(vma.get(), { percentage: 90, bytes_transferred: 90, total_bytes: 200 })
  vma.transfer(95, B)
  t.equal(vma.get().percentage, 92.5)
})

t.test('[VMA-3] registered disks count before they report', async (t) => {
  const vma = new HandVma()
  const disks = [
    { id: 'disk-a', label: 'Hard disk 1', planned_bytes: 30 * GB, origin: 'cbt' as const },
    { id: 'disk-b', planned_bytes: 10 * GB, origin: 'capacity' as const },
  ]
  const vm_info = { name: 'pgtest1', path: '/DC/vm/pgtest1', cbt_enabled: true }
  t.equal(vma.store.register('migration-vol-1', { vm_info, sync_type: 'incremental', disks }, vma.now), 'created')
  t.match(vma.get(), { status: 'Queued', percentage: 0, total_bytes: 40 * GB, bytes_transferred: 0, vm_info })
  t.match(vma.get().disks[0], {
    id: 'disk-a',
    label: 'Hard disk 1',
    planned_bytes: 30 * GB,
    status: 'Queued',
    origin: 'cbt',
  })
  vma.pass(60).transfer(10 * GB, A)
  t.match(vma.get(), {
    percentage: 25,
    total_bytes: 40 * GB,
    sync_type: 'incremental',
    status: 'in_progress',
    progress: { disks_total: 2, disks_reporting: 1 },
    run: { number: 1, started_at: '2025-09-05T15:01:00.000Z' },
  })
  vma.completed(20 * GB, { ...A, total_bytes: 20 * GB })
  t.match(vma.get(), { status: 'Queued', run: { ended_at: null } }, 'disk-b is still to come')
  t.equal(vma.get().disks[0]?.origin, 'reported')
  vma.completed(10 * GB, { ...B, total_bytes: 10 * GB })
  t.match(vma.get(), { status: 'completed', percentage: 100, total_bytes: 30 * GB })

  vma.pass(60)
  t.equal(vma.store.register('migration-vol-1', { disks: [{ id: 'disk-a', planned_bytes: GB }] }, vma.now), 'replaced')
  t.match(vma.get(), { status: 'Queued', percentage: 0, total_bytes: GB, run: { number: 2, ended_at: null } })
})

t.test('[VMA-6] a job has at most as many disks as a VM', async (t) => {
  const vma = new HandVma()
  for (let disk = 0; disk < 256; disk += 1) t.equal(vma.transfer(1, { disk_id: `disk-${disk}` }), 'accepted')
  t.equal(vma.transfer(1, { disk_id: 'disk-256' }), 'too_many_disks')
  t.equal(vma.get().disks.length, 256)
})
