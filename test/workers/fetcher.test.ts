import t from 'tap'
import type { PollError } from '../../src/model/errors.ts'
import { Fetcher } from '../../src/workers/fetcher.ts'
import type { FetchTarget, PollResult } from '../../src/workers/protocol.ts'
import type { VmaAnswer } from '../../src/workers/vma-client.ts'

const CREATED = Date.parse('2025-09-05T15:00:00Z')
const NOW = Date.parse('2025-09-05T15:30:00Z')
const planned = { bytes: 100, origin: 'capacity' } as const

/** A VMA that answers from a script, at once; `asked` are the keys in order. */
function rig(script: Record<string, VmaAnswer | undefined>) {
  const asked: string[] = []
  const results: PollResult[] = []
  let now = NOW
  const client = {
    get(key: string, done: (answer: VmaAnswer) => void): void {
      asked.push(key)
      done(script[key] ?? missing('not_found'))
    },
  }
  const fetcher = new Fetcher(
    [client],
    () => now,
    (result) => results.push(result),
  )
  const pass = (ms: number): void => {
    now += ms
  }
  const track = (keys: readonly string[], fields: Partial<FetchTarget> = {}): void =>
    fetcher.track({
      slot: 0,
      jobId: 'job-1',
      vma: 0,
      createdAt: CREATED,
      plan: keys.map((key, i) => ({ diskId: `d${i}`, key, planned })),
      ...fields,
    })
  const poll = (): PollResult | undefined => {
    fetcher.poll(0)
    return results.pop()
  }
  return { fetcher, asked, script, track, poll, pass }
}

function missing(code: PollError['code']): VmaAnswer {
  return { ok: false, error: { code, message: code } }
}

function answer(bytes: number, fields: object = {}): VmaAnswer {
  return {
    ok: true,
    date: undefined,
    body: { status: 'Running', current_operation: 'Transfer', bytes_transferred: bytes, total_bytes: 100, ...fields },
  }
}

t.test('[AGG-1] all exports of a job are asked, and one result comes', async (t) => {
  const { track, poll, asked } = rig({ a: answer(10), b: answer(30) })
  track(['a', 'b'])
  t.match(poll(), { slot: 0, ok: true, progress: { bytes: 40, totalBytes: 200, percent: 20, disksReporting: 2 } })
  t.same(asked, ['a', 'b'])
})

t.test('[AGG-2] one export that fails does not fail the job', async (t) => {
  const { track, poll } = rig({ a: answer(10), b: missing('timeout') })
  track(['a', 'b'])
  t.match(poll(), { ok: true, progress: { bytes: 10, totalBytes: 200, disksReporting: 1 } })
})

t.test('[AGG-4] no export is known, so the job id is asked, and first from then on', async (t) => {
  const { track, poll, asked, script } = rig({ 'job-1': answer(50) })
  track(['a', 'b'])
  t.match(poll(), { ok: true, progress: { bytes: 50, percent: 50 } })
  t.same(asked.splice(0), ['a', 'b', 'job-1'])
  script['job-1'] = answer(55)
  poll()
  t.same(asked.splice(0), ['job-1'])
  script['job-1'] = undefined
  script['a'] = answer(60)
  t.match(poll(), { ok: true, progress: { bytes: 60 } }, 'and back when it is gone')
})

t.test('[POLL-4] a VMA that fails is not asked under another name, and the error keeps its kind', async (t) => {
  for (const code of ['timeout', 'unreachable', 'http_4xx', 'http_5xx', 'too_large'] as const) {
    const { track, poll, asked } = rig({ a: missing(code) })
    track(['a'])
    t.match(poll(), { ok: false, error: { code } })
    t.same(asked, ['a'])
  }
  const { track, poll } = rig({ a: { ok: true, date: undefined, body: '<html>' } })
  track(['a'])
  t.match(poll(), { ok: false, error: { code: 'invalid_body' } })
})

t.test(
  "[RUN-1] the last run's Completed 100 % does not complete a new job, with clocks five minutes apart too",
  async (t) => {
    for (const skew of [0, 300_000, -300_000]) {
      const at = (ms: number): string => new Date(ms + skew).toISOString()
      const old = answer(100, {
        status: 'Completed',
        percentage: 100,
        server_time: at(NOW),
        run: { number: 1, started_at: at(CREATED - 90_000), updated_at: at(CREATED - 10) },
      })
      const { track, poll, script } = rig({ a: old })
      track(['a'])
      t.match(poll(), { ok: false, error: { code: 'stale_run' } }, `skew ${skew}`)
      script['a'] = answer(100, {
        status: 'Completed',
        percentage: 100,
        server_time: at(NOW),
        run: { number: 2, started_at: at(CREATED + 10), updated_at: at(CREATED + 60_000) },
      })
      t.match(poll(), { ok: true, progress: { status: 'completed' } }, `skew ${skew}`)
    }
  },
)

t.test("[POLL-2] an answer for a slot that was given to another job is nobody's", async (t) => {
  let finish: ((answer: VmaAnswer) => void) | undefined
  const results: PollResult[] = []
  const fetcher = new Fetcher(
    [{ get: (_key, done) => (finish = done) }],
    () => NOW,
    (result) => results.push(result),
  )
  const plan = [{ diskId: 'd', key: 'a', planned }]
  fetcher.track({ slot: 0, jobId: 'job-1', vma: 0, createdAt: CREATED, plan })
  fetcher.poll(0)
  fetcher.track({ slot: 0, jobId: 'job-2', vma: 0, createdAt: CREATED, plan })
  finish?.(answer(99))
  t.same(results, [])
})

t.test('[POLL-6] completed disks alone are no contact with a job whose other disks the VMA has lost', async (t) => {
  const done = answer(100, { status: 'completed', percentage: 100 })
  const { track, poll, script } = rig({ a: done, b: answer(40) })
  track(['a', 'b', ''])
  t.match(poll(), { ok: true, progress: { bytes: 140 } })
  script['b'] = undefined
  t.match(poll(), { ok: false, error: { code: 'not_found' } })
  script['b'] = missing('http_5xx')
  t.match(poll(), { ok: false, error: { code: 'http_5xx' } }, 'the open disk’s own reason')
  script['b'] = done
  t.match(poll(), { ok: true, progress: { bytes: 200 } }, 'a change is told')
  t.match(poll(), { ok: false, error: { code: 'not_found', message: 'no volume is linked to d2' } })
})

t.test(
  '[ETA-1] the rate grows from poll to poll, and outlives a plan that was read again, but not its job',
  async (t) => {
    const { track, poll, pass, script } = rig({})
    let bytes = 0
    const polls = (count: number): PollResult | undefined => {
      let last: PollResult | undefined
      for (let i = 0; i < count; i += 1) {
        pass(2_000)
        bytes += 2
        script['a'] = answer(bytes)
        last = poll()
      }
      return last
    }
    track(['a'])
    t.match(polls(1), { ok: true, progress: { etaSeconds: null, rate: { bps: null } } })
    t.match(polls(4), { ok: true, progress: { etaSeconds: 90, rate: { bps: 1 } } })
    track(['a'])
    t.match(polls(1), { ok: true, progress: { etaSeconds: 88 } })
    track(['a'], { jobId: 'job-2' })
    t.match(polls(1), { ok: true, progress: { etaSeconds: null } })
  },
)

t.test('[AGG-4, ETA-1] a job that only its id answers for has a rate too', async (t) => {
  const { track, poll, pass, script } = rig({})
  track(['a', 'b'])
  for (let bytes = 2; bytes <= 10; bytes += 2) {
    pass(2_000)
    script['job-1'] = answer(bytes)
    poll()
  }
  t.match(poll(), { ok: true, progress: { etaSeconds: 90, rate: { bps: 1 } } })
})

t.test('[POLL-3] a plan with other disks starts over: amounts belong to a disk, not to its place', async (t) => {
  const { track, poll } = rig({ a: answer(60), b: answer(10) })
  track(['a'])
  t.match(poll(), { ok: true, progress: { bytes: 60 } })
  track(['b', 'a'])
  t.match(poll(), { ok: true, progress: { bytes: 70, disks: [{ bytes: 10 }, { bytes: 60 }] } })
})
