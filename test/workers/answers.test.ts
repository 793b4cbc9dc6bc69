/** NORM and POLL-4 as they are met over the wire. */

import t from 'tap'
import { isBackward, nextStatus } from '../../src/machines/lifecycle.ts'
import type { PollErrorCode } from '../../src/model/errors.ts'
import { drip, garbage, hang, huge, json, reset, status, text, truncated, wrongLength } from '../fakes/answers.ts'
import { completed, failed, setup, transfer } from '../fakes/documents.ts'
import type { Answer } from '../fakes/scripted-vma.ts'
import { V10, V181 } from '../support/documents.ts'
import { exportOf, GIB, JOB, pollRig, type PollRig } from '../support/poll-rig.ts'

const KEY = exportOf(0)
const LONG_AGO = Date.parse('2025-09-01T00:00:00Z')

/** A job that was created before all times in the documents. */
async function rig(t: Parameters<typeof pollRig>[0], options: Parameters<typeof pollRig>[1] = {}): Promise<PollRig> {
  const made = await pollRig(t, options)
  made.track({ createdAt: LONG_AGO })
  return made
}

t.test('[NORM-1] both documented answers, and a mixture, come as one progress', async (t) => {
  const { vma, progress, track } = await rig(t)
  vma.script(KEY, json(V181))
  t.match(await progress(), {
    stage: 'Transfer',
    bytes: 933232640,
    totalBytes: 42949672960,
    percent: 2.1728515625,
    syncType: 'full',
    disks: [{ status: 'syncing', startedAt: Date.parse('2025-09-05T15:24:43Z') }],
  })
  track({ slot: 0, jobId: `${JOB}-2`, createdAt: LONG_AGO })
  vma.script(KEY, json(V10))
  t.match(await progress(), { status: 'streaming', bytes: 456789012, totalBytes: 1234567890, speedBps: 98765432 })
  track({ slot: 0, jobId: `${JOB}-3`, createdAt: LONG_AGO })
  vma.script(KEY, json({ ...V10, ...V181, job_id: KEY, bytes_transferred: null, total_bytes: undefined }))
  t.match(await progress(), { bytes: 456789012, totalBytes: 1234567890 }, 'what one shape lacks the other has')
})

t.test('[NORM-1] a field of the wrong kind costs that field, not the answer', async (t) => {
  const bad: readonly unknown[] = [-1, 'NaN', '933232640', 2 ** 53, 1e300, null, true, [], {}]
  for (const value of bad) {
    const { vma, progress } = await rig(t)
    vma.script(KEY, json(transfer(5, 10, { bps: 7 })), json(transfer(8, 10, { with: { bytes_transferred: value } })))
    t.match(await progress(), { bytes: 5, speedBps: 7, percent: 50 })
    t.match(await progress(), { bytes: 5, totalBytes: 10 }, `bytes_transferred ${JSON.stringify(value)}`)
  }
  const { vma, progress } = await rig(t)
  vma.script(KEY, text('{"status":"Running","current_operation":"Transfer","percentage":NaN,"bytes_transferred":3}'))
  t.match(await progress(), { bytes: 3, stage: 'Transfer' }, 'a bare NaN is no JSON')
})

t.test('[NORM-1] numbers, times and errors beyond all measure do no harm', async (t) => {
  const { vma, progress } = await rig(t)
  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  vma.script(KEY, text(`{"status":"Running","bytes_transferred":3,"total_bytes":4,"last_error":${nested}}`))
  t.match(await progress(), { bytes: 3, error: /nested too deeply/ })
  const wild = {
    throughput: { current_mbps: Number.MAX_SAFE_INTEGER },
    timing: { last_update: '5', start_time: '1e3' },
  }
  vma.script(KEY, json(transfer(3, 4, { with: wild })))
  const said = await progress()
  t.equal(said.speedBps, 0)
  t.notOk('updatedAt' in said, "'5' is no time, though Date.parse has one for it")
})

t.test('[NORM-1] percent over 100, more bytes than the total, a total that shrinks', async (t) => {
  const { vma, progress, track } = await rig(t)
  vma.script(KEY, json(transfer(5, 10, { with: { percentage: 250 } })))
  t.match(await progress(), { percent: 50 }, 'bytes are believed before a percentage')
  const unknown = { bytes: 0, origin: 'capacity' } as const
  track({ jobId: `${JOB}-2`, createdAt: LONG_AGO, plan: [{ diskId: 'disk-2000', key: KEY, planned: unknown }] })
  vma.script(KEY, json({ status: 'Running', percentage: 250 }))
  t.match(await progress(), { percent: 100 })
  const two = await pollRig(t)
  two.track({ disks: 2, createdAt: LONG_AGO })
  two.vma.script(exportOf(0), json(transfer(150, 100)))
  two.vma.script(exportOf(1), json(transfer(0, 100)))
  t.match(await two.progress(), { bytes: 150, totalBytes: 250, percent: 60 }, 'more than its total was moved')
  two.vma.script(exportOf(0), json(transfer(150, 80)))
  t.match(await two.progress(), { bytes: 150, totalBytes: 250, percent: 60 })
})

t.test('[NORM-2] a VMA that says no status word is read by its stage', async (t) => {
  const { vma, progress } = await rig(t)
  const without = (stage: string, more: object = {}) =>
    json(transfer(4, 10, { stage, with: { status: null, ...more } }))
  vma.script(KEY, without('Creating Snapshot'), without('Copying Data'), without('Completed'), without('Cleanup'))
  t.equal((await progress()).status, 'snapshotting')
  t.equal((await progress()).status, 'replicating')
  t.equal((await progress()).status, undefined, 'Completed at 40 % is a stage, not the job')
  t.equal((await progress()).status, 'finalizing')
})

t.test('[NORM-3] completed is a word of stages too', async (t) => {
  const { vma, progress } = await rig(t)
  const snapshot = setup('Creating Snapshot', 100, { status: 'completed' })
  vma.script(KEY, json(snapshot), json(transfer(4, 10, { status: 'Completed' })))
  t.not((await progress()).status, 'completed', 'a set-up stage that is through')
  t.not((await progress()).status, 'completed', 'at 40 %')
  vma.script(KEY, json(transfer(4, 10, { status: 'in_progress', stage: 'Completed' })))
  t.not((await progress()).status, 'completed', 'as a stage at 40 %')
  vma.script(KEY, json(completed(10)))
  t.match(await progress(), { status: 'completed', percent: 100, etaSeconds: 0, disks: [{ status: 'completed' }] })
})

t.test('[NORM-4] Queued while bytes move pulls nothing back', async (t) => {
  const { vma, progress } = await rig(t)
  vma.script(KEY, json(transfer(800_000_000, 42949672960)), json({ ...V181, job_id: KEY }))
  const running = await progress()
  t.equal(running.status, 'replicating')
  const queued = await progress()
  const said = queued.status ?? 'pending'
  t.ok(isBackward('replicating', said))
  t.equal(nextStatus('replicating', said), 'replicating', 'the job stays')
  t.match(queued, { bytes: 933232640, percent: 2.1728515625, disks: [{ status: 'syncing' }] }, 'the amounts count')
})

t.test('[NORM-5] HTTP 200 that says "job not found"', async (t) => {
  const { vma, code } = await rig(t)
  for (const answer of [
    text('job not found'),
    text('Job not found\n'),
    json({ error: 'job not found', job_id: KEY }),
  ]) {
    vma.script(KEY, answer)
    t.equal(await code(), 'not_found')
  }
})

t.test('[POLL-4] each of the eight names, from a VMA that behaves so', async (t) => {
  const document = transfer(1, 2)
  const ways: readonly (readonly [PollErrorCode, string, Answer])[] = [
    ['not_found', '404', status(404)],
    ['timeout', 'no answer', hang],
    ['timeout', 'byte by byte', drip(document, 50)],
    ['timeout', 'a Content-Length beyond the body', wrongLength(document, 10)],
    ['unreachable', 'reset', reset],
    ['unreachable', 'cut in the middle of the body', truncated(document)],
    ['http_4xx', '403', status(403)],
    ['http_5xx', '500', status(500)],
    ['invalid_body', 'another protocol', garbage],
    ['invalid_body', 'a web page', text('<html>Welcome</html>', 'text/html')],
    ['invalid_body', 'an empty body', text('')],
    ['invalid_body', 'JSON without a word of progress', json({ hello: 'world' })],
    ['invalid_body', 'a Content-Length short of the body', wrongLength(document, -10)],
    ['too_large', 'over 1 MiB', huge(document, 1_100_000)],
    ['stale_run', 'an earlier run', json(completed(2, { startedAt: LONG_AGO - 90_000, updatedAt: LONG_AGO - 60_000 }))],
  ]
  for (const [expected, way, answer] of ways) {
    const { vma, code } = await rig(t, { timeoutMs: 250 })
    vma.script(KEY, answer)
    t.equal(await code(), expected, way)
    vma.script(KEY, json(document))
    t.match(await code(), /^ok/, `and well again after: ${way}`)
  }
})

t.test('[POLL-4] a VMA that is down is unreachable, and heard as soon as it is back on its port', async (t) => {
  const { vma, code, track } = await rig(t)
  vma.script(KEY, json(transfer(1, 2)))
  t.match(await code(), /^ok/)
  await vma.goDown()
  t.equal(await code(), 'unreachable')
  await vma.listen()
  t.match(await code(), /^ok/)
  track({ slot: 0, jobId: `${JOB}-elsewhere`, vma: 7 })
  t.equal(await code(), 'unreachable', 'a VMA that is not configured')
})

t.test('[POLL-4] slow is not dead: a drip within the deadline is heard, and a failure keeps its reason', async (t) => {
  const { vma, progress } = await rig(t)
  vma.script(KEY, drip({ status: 'Running', bytes_transferred: GIB, total_bytes: 2 * GIB }, 1))
  t.match(await progress(), { percent: 50 })
  vma.script(KEY, json(failed('NBD server went away', {}, GIB, 2 * GIB)))
  t.match(await progress(), { status: 'failed', error: 'NBD server went away', bytes: GIB })
})
