/** Jobs of several disks over the wire: AGG-1…4, both keys of the field, RUN-3. */

import t from 'tap'
import { json, status, text } from '../fakes/answers.ts'
import { completed, failed, setup, transfer } from '../fakes/documents.ts'
import { exportOf, GIB, JOB, planOf, pollRig } from '../support/poll-rig.ts'

const [A, B, C] = [exportOf(0), exportOf(1), exportOf(2)]

t.test('[AGG-1] three exports in two shapes are one sum', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 3 })
  vma.script(A, json(transfer(10 * GIB, 20 * GIB, { bps: GIB })))
  vma.script(B, json(transfer(10 * GIB, 60 * GIB, { bps: 2 * GIB, shape: 'v1.0' })))
  vma.script(C, json(completed(20 * GIB)))
  t.match(await progress(), {
    status: 'streaming',
    bytes: 40 * GIB,
    totalBytes: 100 * GIB,
    percent: 40,
    speedBps: 3 * GIB,
    disksReporting: 3,
  })
  t.same(
    vma.asked().map(({ key }) => key),
    [A, B, C],
    'every export once, the job id not at all',
  )
})

t.test('[AGG-2] one disk is not known, another is of an earlier run: they count as planned', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 3 })
  const old = { startedAt: Date.now() - 7_200_000, updatedAt: Date.now() - 3_600_000 }
  vma.script(A, json(transfer(10 * GIB, 50 * GIB)))
  vma.script(B, status(404))
  vma.script(C, json(completed(70 * GIB, old)))
  const said = await progress()
  t.match(said, { bytes: 10 * GIB, totalBytes: 250 * GIB, percent: 4, disksReporting: 1, status: 'replicating' })
  t.match(said.disks[2], { reporting: false, status: 'pending', totalOrigin: 'capacity' })
})

t.test('[AGG-2] a disk that fails to answer for a while keeps what it had reached', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  vma.script(A, json(transfer(5, 10)))
  vma.script(B, json(transfer(6, 10)), status(500), text('<html>'), json(transfer(7, 10)))
  t.equal((await progress()).bytes, 11)
  t.match(await progress(), { bytes: 11, totalBytes: 20, disksReporting: 1 })
  t.match(await progress(), { bytes: 11, totalBytes: 20, disksReporting: 1 })
  t.match(await progress(), { bytes: 12, disksReporting: 2 })
})

t.test('[AGG-3] a disk that completed and was cleaned up stays completed, and the job completes', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  vma.script(A, json(completed(10)), status(404))
  vma.script(B, json(transfer(1, 10)), json(transfer(9, 10)), json(completed(10)))
  t.match(await progress(), { bytes: 11, status: 'replicating' })
  t.match(await progress(), { bytes: 19, status: 'replicating', disks: [{ status: 'completed' }, {}] })
  t.match(await progress(), { bytes: 20, status: 'completed', percent: 100 })
})

t.test('[AGG-3] an older state after a newer one takes nothing back', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  const startedAt = Date.now()
  const at = (seconds: number) => ({ startedAt, updatedAt: startedAt + seconds * 1_000 })
  vma.script(A, json(completed(10, at(9))), json(transfer(4, 10, at(3))))
  vma.script(B, json(transfer(8, 10, at(8))), json(transfer(2, 10, at(2))), json(completed(10, at(10))))
  t.match(await progress(), { bytes: 18, percent: 90 })
  t.match(await progress(), { bytes: 18, percent: 90, disks: [{ status: 'completed', percent: 100 }, { bytes: 8 }] })
  t.match(await progress(), { bytes: 20, status: 'completed' })
})

t.test('[AGG-3] one disk that fails fails the job, also after it had completed', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  vma.script(A, json(transfer(5, 10)))
  vma.script(B, json(completed(10)), json(failed('snapshot could not be removed', { stage: 'Finalize' }, 10, 10)))
  t.equal((await progress()).status, 'replicating')
  t.match(await progress(), { status: 'failed', error: 'snapshot could not be removed' })
})

t.test('[AGG-3] set-up of one disk holds the job back, and completed there is no completion', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  vma.script(A, json(completed(10)))
  vma.script(B, json(setup('Creating Snapshot', 15)), json(setup('Creating Snapshot', 100, { status: 'completed' })))
  t.match(await progress(), { status: 'snapshotting', stage: 'Creating Snapshot', setupPercent: 15 })
  t.not((await progress()).status, 'completed')
})

t.test('[AGG-4] set-up comes under the job id, the transfer under the exports: both are followed', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 2 })
  vma.script(JOB, json(setup('Creating Snapshot', 10)), json(setup('Creating Snapshot', 15)))
  t.match(await progress(), { status: 'snapshotting', setupPercent: 10 })
  t.match(await progress(), { status: 'snapshotting', setupPercent: 15 })
  vma.script(A, json(transfer(5, 10)))
  vma.script(B, json(transfer(5, 10)))
  t.match(await progress(), { status: 'replicating', bytes: 10, disksReporting: 2 }, 'the job id stands still')
  const before = vma.asked(JOB).length
  await progress()
  t.equal(vma.asked(JOB).length, before, 'from then on the exports')
})

t.test('[AGG-4] a job id that stands still is kept where no export is known', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 1 })
  vma.script(JOB, json(transfer(5, 10)))
  for (let i = 0; i < 3; i += 1) t.match(await progress(), { bytes: 5, percent: 50, disks: [{ bytes: 5 }] })
})

t.test('[AGG-4] disks of the answer are found by disk id or export; others wait for the end', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  track({ disks: 3 })
  const disks = [
    { id: 'disk-2000', planned_bytes: 10, bytes_transferred: 5, percent: 50, status: 'Streaming' },
    { id: B, planned_bytes: 10, bytes_transferred: 10, percent: 100, status: 'Completed' },
    { id: 'scsi0:2', planned_bytes: 10, bytes_transferred: 1, percent: 10, status: 'Streaming' },
  ]
  vma.script(JOB, json(transfer(16, 30, { shape: 'v1.0', disks })), json(completed(30, { shape: 'v1.0', disks: [] })))
  const running = await progress()
  t.match(running, { bytes: 16, totalBytes: 30, disksReporting: 2 })
  t.same(
    running.disks.map((disk) => disk.status),
    ['syncing', 'completed', 'pending'],
  )
  const done = await progress()
  t.match(done, { status: 'completed', percent: 100 })
  t.ok(
    done.disks.every((disk) => disk.status === 'completed' && disk.percent === 100),
    'no disk is left behind',
  )
})

t.test(
  '[AGG-1] a plan that was read again finds its disks at other places, and is asked in the same poll',
  async (t) => {
    const { vma, progress, track, poll } = await pollRig(t)
    track({ plan: planOf(2).slice(1) })
    vma.script(A, json(transfer(1, 10)))
    vma.script(B, json(transfer(8, 10)))
    t.match(await progress(), { bytes: 8, percent: 80 })
    track({ disks: 2 })
    t.match(await progress(), { bytes: 9, disks: [{ bytes: 1 }, { bytes: 8 }] })
    vma.scriptBy(B, () => (response) => {
      track({ disks: 3 })
      json(transfer(9, 10))(response)
    })
    vma.script(C, json(transfer(3, 10)))
    const answered = poll()
    await vma.until(() => vma.asked(B).length === 3)
    vma.script(B, json(transfer(9, 10)))
    t.match(await answered, { ok: true, progress: { bytes: 13, disks: [{}, {}, { bytes: 3 }] } })
  },
)

t.test('[RUN-3] an answer that is of another job or disk we follow is none', async (t) => {
  const { vma, code, progress, track } = await pollRig(t)
  track({ slot: 0 })
  track({ slot: 1, jobId: 'job-of-another-vm', plan: planOf(2).slice(1) })
  for (const jobId of ['job-of-another-vm', B]) {
    vma.script(A, json(completed(10, { jobId })))
    t.equal(await code(), 'invalid_body', jobId)
  }
  track({
    slot: 2,
    jobId: 'job-of-two',
    plan: [0, 1].map((i) => ({ ...planOf(6)[i + 4]!, planned: planOf(1)[0]!.planned })),
  })
  vma.script(exportOf(4), json(completed(10, { jobId: exportOf(5) })))
  vma.script(exportOf(5), json(transfer(3, 10, { jobId: exportOf(5) })))
  t.match(await progress(2), { status: 'replicating', disksReporting: 1, bytes: 3 }, 'one disk for another')
  for (const jobId of [A, JOB, 'vm-web-01', exportOf(9)]) {
    vma.script(A, json(transfer(5, 10, { jobId })))
    t.match(await code(), /^ok/, `${jobId} is ours, or proves nothing`)
  }
})
