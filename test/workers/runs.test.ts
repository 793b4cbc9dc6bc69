/** RUN-1, RUN-2 over the wire: whose run a key tells of, with every kind of clock. */

import t from 'tap'
import { json, status } from '../fakes/answers.ts'
import { completed, transfer, type Shape } from '../fakes/documents.ts'
import { exportOf, JOB, pollRig } from '../support/poll-rig.ts'

const KEY = exportOf(0)
const MINUTE = 60_000
const SHAPES: readonly Shape[] = ['v1.8.1', 'v1.0']
const SKEWS = [0, 5 * MINUTE, -5 * MINUTE]

/** How a VMA's clock can be read. */
const CLOCKS = ['body', 'header', 'both'] as const

for (const clock of CLOCKS)
  for (const skewMs of SKEWS)
    t.test(
      `[RUN-1] an earlier run is stale and the job's own is not; clock off by ${skewMs} ms, read by ${clock}`,
      async (t) => {
        for (const shape of SHAPES)
          for (const key of [KEY, JOB]) {
            const { vma, code, progress, track } = await pollRig(t, { vma: { skewMs, dateHeader: clock !== 'body' } })
            const createdAt = Date.now()
            track({ createdAt })
            const told = (startMs: number, updateMs: number) => ({
              shape,
              startedAt: createdAt + startMs + skewMs,
              updatedAt: createdAt + updateMs + skewMs,
              with: clock === 'header' ? {} : { server_time: new Date(vma.now()).toISOString() },
            })
            vma.script(key, json(completed(10, told(-90 * MINUTE, -MINUTE))))
            t.equal(await code(), 'stale_run', `${shape} ${key}`)
            vma.script(key, json(completed(10, told(-90 * MINUTE, -3_000))))
            t.equal(await code(), 'stale_run', `ended 3 s before, ${shape} ${key}`)
            vma.script(key, json(transfer(4, 10, told(0, 0))))
            const said = await progress()
            t.match(said, { bytes: 4, percent: 40 }, `${shape} ${key}`)
            t.ok(Math.abs((said.updatedAt ?? 0) - createdAt) < 2_000, 'source times are in our clock')
            vma.script(key, json(completed(10, told(0, 1_000))))
            t.match(await progress(), { status: 'completed' }, `${shape} ${key}`)
          }
      },
    )

t.test('[RUN-1] with no clock to compare by: times as they are, and what moves is alive', async (t) => {
  const vma = { dateHeader: false }
  const even = await pollRig(t, { vma })
  const createdAt = Date.now()
  even.track({ createdAt })
  even.vma.script(KEY, json(completed(10, { startedAt: createdAt - 90 * MINUTE, updatedAt: createdAt - MINUTE })))
  t.equal(await even.code(), 'stale_run')
  t.equal(await even.code(), 'stale_run', 'it stays so while nothing moves')
  even.vma.script(KEY, json(transfer(4, 10, { startedAt: createdAt, updatedAt: createdAt })))
  t.match(await even.code(), /^ok/)

  const behind = await pollRig(t, { vma: { ...vma, skewMs: -5 * MINUTE } })
  behind.track({ createdAt })
  const told = (ms: number) => ({ startedAt: createdAt - 5 * MINUTE, updatedAt: createdAt - 5 * MINUTE + ms })
  behind.vma.script(KEY, json(transfer(2, 10, told(2_000))), json(transfer(4, 10, told(4_000))))
  t.equal(await behind.code(), 'stale_run', 'the first answer looks old')
  t.match(await behind.progress(), { bytes: 4 }, 'the second has moved on while we watched')
  behind.vma.script(KEY, json(completed(10, told(6_000))))
  t.match(await behind.progress(), { status: 'completed' })
})

t.test('[RUN-1] an answer without any time is taken', async (t) => {
  const { vma, code, track } = await pollRig(t, { vma: { dateHeader: false } })
  track()
  vma.script(KEY, json(transfer(4, 10)))
  t.match(await code(), /^ok/)
})

for (const skewMs of SKEWS)
  t.test(`[RUN-2] the next job's run under the same key is not this job's; clock off by ${skewMs} ms`, async (t) => {
    const { vma, poll, code, progress, track } = await pollRig(t, { vma: { skewMs } })
    const createdAt = Date.now() - 60 * MINUTE
    const told = (startMs: number, updateMs: number) => ({
      startedAt: createdAt + startMs + skewMs,
      updatedAt: createdAt + updateMs + skewMs,
    })
    track({ createdAt })
    vma.script(KEY, json(transfer(4, 10, told(1_000, 20 * MINUTE))))
    t.match(await progress(), { bytes: 4 })
    const supersededAt = createdAt + 30 * MINUTE
    track({ createdAt, supersededAt })
    t.match(await progress(), { bytes: 4 }, 'its own run is its own still')
    vma.script(KEY, json(completed(10, told(1_000, 40 * MINUTE))))
    t.match(await progress(), { status: 'completed' }, 'and may end after the newer job was created')

    track({ slot: 1, jobId: 'job-older', createdAt, supersededAt })
    track({ slot: 2, jobId: 'job-newer', createdAt: supersededAt })
    vma.script(KEY, json(completed(10, told(30 * MINUTE + 1_000, 40 * MINUTE))))
    t.match(await poll(1), {
      ok: false,
      error: { code: 'not_found', message: /the key now belongs to a newer job/ },
    })
    t.match(await progress(2), { status: 'completed' })
    vma.script('job-older', json(transfer(7, 10, told(31 * MINUTE, 31 * MINUTE))), status(404))
    t.match(await progress(1), { bytes: 7 }, 'the job id is never used again')
    t.equal(await code(1), 'not_found')
  })

t.test('[RUN-2] of several disks only those whose key went on are gone', async (t) => {
  const { vma, progress, track } = await pollRig(t)
  const createdAt = Date.now() - 60 * MINUTE
  track({ disks: 2, createdAt, supersededAt: createdAt + 30 * MINUTE })
  const own = { startedAt: createdAt + 1_000, updatedAt: createdAt + 50 * MINUTE }
  vma.script(KEY, json(transfer(4, 10, own)), json(completed(10, { ...own, startedAt: createdAt + 31 * MINUTE })))
  vma.script(exportOf(1), json(transfer(5, 10, own)))
  t.match(await progress(), { bytes: 9, disksReporting: 2 })
  t.match(await progress(), { bytes: 9, disksReporting: 1, status: 'replicating' })
})
