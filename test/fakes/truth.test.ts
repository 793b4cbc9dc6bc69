import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { ask, json } from '../support/http.ts'
import { pollRig } from '../support/poll-rig.ts'
import type { VmaPlan } from './scripted-vma-process.ts'
import { startTruth } from './scripted-vma-process.ts'
import { bytesAt, endOf, outcomeOf, stateAt, truthOf, wholeStateAt } from './truth.ts'

const START = Date.parse('2025-09-05T15:00:00Z')
const plan = { seed: 7, jobs: 20, startAt: START, spreadMs: 60_000, setupMs: 5_000, failShare: 0.3, pauseShare: 0.3 }

t.test('the same seed is the same fleet, and one more job changes no other', async (t) => {
  t.same(truthOf(plan), truthOf(plan))
  t.same(truthOf({ ...plan, jobs: 21 }).slice(0, 20), truthOf(plan))
  t.notSame(truthOf({ ...plan, seed: 8 }), truthOf(plan))
  t.same(new Set(truthOf(plan).map(outcomeOf)), new Set(['completed', 'failed']))
  const keys = truthOf({ ...plan, jobs: 500 }).flatMap((job) => [job.jobId, ...job.disks.map((disk) => disk.key)])
  t.equal(new Set(keys).size, keys.length)
})

t.test('bytes never fall, end at the total, and the documents tell the outcome', async () => {
  const moments = fc.array(fc.nat({ max: 4_000_000 }), { minLength: 2, maxLength: 20 })
  fc.assert(
    fc.property(fc.integer(), moments, (seed, given) => {
      const times = given.map((ms) => START + ms).sort((a, b) => a - b)
      return truthOf({ ...plan, seed, jobs: 3 }).every((job) => {
        const end = endOf(job)
        return job.disks.every((disk) => {
          const moved = times.map((at) => bytesAt(disk, at))
          const said = JSON.stringify(stateAt(job, disk, Math.max(disk.endAt, end)))
          const whole = JSON.stringify(wholeStateAt(job, Math.max(...job.disks.map((d) => d.endAt))))
          return (
            moved.every((bytes, i) => bytes <= disk.bytes && bytes >= (moved[i - 1] ?? 0)) &&
            (bytesAt(disk, disk.endAt) === disk.bytes) === (disk.outcome === 'completed') &&
            said.includes(`"status":"${disk.outcome}"`) &&
            whole.includes(outcomeOf(job) === 'completed' ? '"Succeeded"' : '"status":"Failed"') &&
            stateAt(job, disk, job.createdAt - 1) === undefined
          )
        })
      })
    }),
    { numRuns: 50 },
  )
})

t.test('a poll of every job of a fleet brings its outcome, under either key, in either shape', async (t) => {
  for (const keyedBy of ['export', 'job'] as const)
    for (const shape of ['v1.8.1', 'v1.0'] as const) {
      const base = Date.now() - 3_600_000
      const fleet = { seed: 3, jobs: 12, startAt: base, setupMs: 500, bytes: [10, 900], bps: [100, 300] } as const
      const vma = await startTruth({ ...fleet, failShare: 0.3, keyedBy, shape })
      const { track, progress } = await pollRig(t, {}, vma)
      for (const [slot, job] of truthOf({ ...fleet, failShare: 0.3 }).entries()) {
        const disks = job.disks.map(({ diskId, key, bytes }) => ({
          diskId,
          key,
          planned: { bytes, origin: 'cbt' } as const,
        }))
        track({ slot, jobId: job.jobId, createdAt: job.createdAt, plan: disks })
        t.equal((await progress(slot)).status, outcomeOf(job), `${keyedBy} ${shape} ${job.jobId}`)
      }
    }
})

t.test('killed and started again on its port it tells the same; ended keys are cleaned up where asked', async (t) => {
  const startAt = Date.now() - 60_000
  const given: VmaPlan = { seed: 5, jobs: 2, startAt, disks: [1, 1], bytes: [1_000, 1_000], bps: [10, 10] }
  const [job] = truthOf(given)
  const key = job?.disks[0]?.key ?? ''
  const first = await startProcess(t, given)
  const before = json(await ask(first.port, `/api/v1/progress/${key}`))
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await startProcess(t, { ...given, port: first.port })
  const after = json(await ask(second.port, `/api/v1/progress/${key}`))
  t.match(before, { job_id: key, status: 'Running', total_bytes: 1_000 })
  t.match(after, { job_id: key, timing: { start_time: /^20/ } })
  t.ok(Number(after['bytes_transferred']) >= Number(before['bytes_transferred']))
  second.child.kill('SIGTERM')
  t.same(await once(second.child, 'exit'), [0, null])
  const tidy = await startProcess(t, { ...given, startAt: startAt - 3_600_000, cleanUp: true })
  t.equal((await ask(tidy.port, `/api/v1/progress/${key}`)).status, 404)
})

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

async function startProcess(t: { teardown(handler: () => unknown): unknown }, given: VmaPlan): Promise<Running> {
  const file = fileURLToPath(new URL('./scripted-vma-process.ts', import.meta.url))
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, JSON.stringify(given)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    const port = Number(/:(\d+)"/.exec(line)?.[1])
    if (port > 0) return { child, port }
  }
  throw new Error('it ended before it told its URL')
}
