/** A VMA asked key by key and the same VMA followed: the jobs can't tell the one from the other. */

import fc from 'fast-check'
import t from 'tap'
import { Feed } from '../../src/workers/feed.ts'
import { Fetcher } from '../../src/workers/fetcher.ts'
import type { FetchTarget, PollResult } from '../../src/workers/protocol.ts'
import type { VmaAnswer } from '../../src/workers/vma-client.ts'
import { FollowedVma } from '../support/followed-vma.ts'
import { KEYS, step } from '../support/vma-histories.ts'

type Done = (answer: VmaAnswer) => void

/** A VMA's store, a feed's client that is answered by hand, and fetchers on both ways. */
class Rig {
  readonly vma: FollowedVma
  readonly askedByHttp: string[] = []
  readonly pushed: PollResult[] = []
  readonly states: string[] = []
  /** A push is one more answer, from which rates are learned: no part of what is compared with polls alone. */
  pushes = true
  readonly feed: Feed
  readonly #results = new Map<Fetcher, PollResult>()
  readonly #followed: Fetcher
  readonly #polled: Fetcher
  #waiting: { readonly query: URLSearchParams; readonly done: Done } | undefined

  constructor(vma = new FollowedVma()) {
    this.vma = vma
    const now = (): number => this.vma.now
    const http = (asked: string[]) => ({
      get: (key: string, done: Done): void => {
        asked.push(key)
        const text = this.vma.store.read(key, this.vma.now)
        if (text === undefined) done({ ok: false, error: { code: 'not_found', message: '', status: 404 } })
        else done({ ok: true, date: undefined, body: JSON.parse(text) })
      },
    })
    this.feed = new Feed({
      polls: http(this.askedByHttp),
      client: {
        ask: (path, _timeoutMs, done) => {
          this.#waiting = { query: new URL(path, 'http://vma').searchParams, done }
        },
        close: () => {},
      },
      timeoutMs: 10_000,
      now,
      random: () => 0.5,
      onChanged: (keys) => {
        if (this.pushes) this.#followed.push(0, keys)
      },
      onState: (state) => this.states.push(state),
    })
    this.#followed = this.#fetcher(this.feed, now)
    this.#polled = this.#fetcher(http([]), now)
  }

  track(target: FetchTarget): void {
    this.#followed.track(target)
    this.#polled.track(target)
  }

  /** The VMA answers what the feed waits for, until there is no more. Returns how many full listings began. */
  tell(limit = 2): number {
    for (let listings = 0; ;) {
      const { query, done } = this.#take()
      const page = this.vma.feed.page(query.get('since') ?? '', limit, this.vma.now)
      done({ ok: true, date: undefined, body: JSON.parse(JSON.stringify(page)) })
      if (page.full) listings += 1
      if (!page.more) return listings
    }
  }

  /** The feed's request fails. */
  break(): void {
    this.#take().done({ ok: false, error: { code: 'unreachable', message: '' } })
  }

  followed(slot: number): PollResult | undefined {
    return this.#poll(this.#followed, slot)
  }

  polled(slot: number): PollResult | undefined {
    return this.#poll(this.#polled, slot)
  }

  #take(): { readonly query: URLSearchParams; readonly done: Done } {
    // It would ask by itself a little later: a VMA that answers at once is not asked at once.
    this.feed.follow()
    const waiting = this.#waiting
    if (waiting === undefined) throw new Error('the feed does not ask')
    this.#waiting = undefined
    return waiting
  }

  #fetcher(client: { readonly get: (key: string, done: Done) => void }, now: () => number): Fetcher {
    const fetcher: Fetcher = new Fetcher([client], now, (result) => {
      if (result.ok && result.pushed === true) this.pushed.push(result)
      else this.#results.set(fetcher, result)
    })
    return fetcher
  }

  #poll(fetcher: Fetcher, slot: number): PollResult | undefined {
    this.#results.delete(fetcher)
    fetcher.poll(slot)
    return this.#results.get(fetcher)
  }
}

const [ONE, TWO, THREE] = KEYS
const diskOf = (key: string) => ({ diskId: key, key, planned: { bytes: 1_000, origin: 'capacity' as const } })
const jobOf = (slot: number, jobId: string, ...keys: readonly string[]): FetchTarget => ({
  slot,
  jobId,
  vma: 0,
  createdAt: Date.parse('2025-09-05T15:00:00Z'),
  plan: keys.map(diskOf),
})
const THREE_JOBS = [jobOf(0, 'job-1', ONE, THREE), jobOf(1, TWO), jobOf(2, 'job-3', ONE)]
const transfer = (key: string, bytes: number) =>
  ({
    do: 'update',
    key,
    update: { stage: 'Transfer', status: 'in_progress', bytes_transferred: bytes, total_bytes: 1_000 },
  }) as const

/** Repeated updates are told every 5 s at most (VMA-11); whatever else there is has to be the same. */
function comparable(result: PollResult | undefined): string {
  if (result === undefined || !result.ok) return result?.error.code ?? 'nothing'
  return JSON.stringify({ ...result.progress, heardAt: undefined })
}

t.test('[POLL-10] polls answered by what was told are the polls that HTTP answers, for any history', async (t) => {
  let [good, listings] = [0, 0]
  const command = fc.oneof(
    { weight: 12, arbitrary: step },
    { weight: 4, arbitrary: fc.constantFrom('look' as const) },
    { weight: 1, arbitrary: fc.constantFrom('restart' as const, 'sweep' as const, 'break' as const) },
  )
  /** Jobs go soon, and so does what is remembered of them: some looks find that only a full listing helps. */
  const limits = fc.constantFrom({}, { maxJobs: 2, retentionMs: 1_000, idleMs: 60_000 })
  const remembered = fc.constantFrom(0, 1, 20_000)
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60, size: 'max' }), limits, remembered, (history, few, maxRemovals) => {
      const rig = new Rig(new FollowedVma(few, { maxRemovals }))
      rig.pushes = false
      rig.feed.follow()
      for (const job of THREE_JOBS) rig.track(job)
      for (const each of [...history, 'look' as const]) {
        if (each === 'restart') rig.vma.restart()
        else if (each === 'sweep') rig.vma.store.sweep(rig.vma.now)
        else if (each === 'break') {
          rig.break()
          rig.feed.follow()
        } else if (each !== 'look') rig.vma.take(each)
        if (each !== 'look') continue
        listings += rig.tell(3)
        for (const slot of [0, 1, 2]) {
          const [told, asked] = [rig.followed(slot), rig.polled(slot)]
          if (asked?.ok === true) good += 1
          if (comparable(told) !== comparable(asked)) throw new Error(`${comparable(told)}\n${comparable(asked)}`)
        }
      }
      if (rig.askedByHttp.length > 0) throw new Error(`asked over HTTP: ${rig.askedByHttp.join()}`)
      rig.feed.close()
    }),
    { numRuns: 200 },
  )
  t.ok(listings > 250, `${listings} full listings`)
  t.ok(good > 200, `${good} polls brought progress`)
})

t.test(
  '[POLL-10] a change comes without being asked for, to every job that has the key, with all its disks',
  async (t) => {
    const rig = new Rig()
    rig.track(jobOf(0, 'job-1', ONE, THREE))
    rig.track(jobOf(1, TWO))
    rig.vma.take(transfer(ONE, 100))
    rig.feed.follow()
    rig.tell()
    t.match(rig.pushed.splice(0), [{ slot: 0, pushed: true, progress: { bytes: 100, totalBytes: 2_000 } }])
    rig.vma.take(transfer(THREE, 50))
    rig.vma.take(transfer(TWO, 7))
    rig.vma.take(transfer('of nobody here', 1))
    rig.tell(10)
    t.match(rig.pushed.splice(0), [
      { slot: 0, pushed: true, progress: { bytes: 150 } },
      { slot: 1, pushed: true, progress: { bytes: 7 } },
    ])
    t.match(rig.followed(0), { ok: true, progress: { bytes: 150 } })
    t.notHas(rig.followed(0), { pushed: true }, 'what was asked for is an answer')
    rig.vma.take({ do: 'pass', ms: 48 * 3_600_000 })
    rig.vma.store.sweep(rig.vma.now)
    rig.tell(10)
    t.same(rig.pushed, [], 'that the VMA forgot it is for the next poll to find')
    t.match(rig.followed(1), { ok: false, error: { code: 'not_found' } })
    t.same(rig.askedByHttp, [])
    rig.feed.close()
  },
)

t.test(
  '[POLL-10] while the feed is broken or old every key is asked over HTTP, and never after it is back',
  async (t) => {
    const rig = new Rig()
    rig.track(jobOf(0, 'job-1', ONE))
    rig.vma.take(transfer(ONE, 100))
    rig.feed.follow()
    t.match(rig.followed(0), { ok: true, progress: { bytes: 100 } })
    t.same(rig.askedByHttp.splice(0), [ONE])
    rig.tell()
    rig.break()
    rig.vma.take(transfer(ONE, 200))
    t.match(rig.followed(0), { ok: true, progress: { bytes: 200 } })
    t.same(rig.askedByHttp.splice(0), [ONE])
    rig.vma.take(transfer(ONE, 300))
    rig.pushed.length = 0
    rig.feed.follow()
    rig.tell()
    t.match(rig.pushed, [{ slot: 0, progress: { bytes: 300 } }], 'what changed meanwhile comes at once')
    t.match(rig.followed(0), { ok: true, progress: { bytes: 300 } })
    t.same(rig.askedByHttp, [])
    rig.vma.take({ do: 'pass', ms: 3_600_000 })
    rig.followed(0)
    t.same(rig.askedByHttp.splice(0), [ONE], 'the last answer is too old')
    t.same(rig.states, ['following', 'broken', 'following'])
    rig.feed.close()
  },
)

t.test('[POLL-10] an answer that was asked for before the feed was there does not undo what it told', async (t) => {
  const late: Done[] = []
  let ask: Done = () => {}
  const results: PollResult[] = []
  const vma = new FollowedVma()
  const feed = new Feed({
    polls: { get: (_key, done) => late.push(done) },
    client: { ask: (_path, _timeoutMs, done) => (ask = done), close: () => {} },
    timeoutMs: 10_000,
    now: () => vma.now,
    random: () => 0.5,
    onChanged: (keys) => fetcher.push(0, keys),
    onState: () => {},
  })
  const fetcher = new Fetcher(
    [feed],
    () => vma.now,
    (result) => results.push(result),
  )
  fetcher.track(jobOf(0, 'job-1', ONE))
  feed.follow()
  vma.take(transfer(ONE, 100))
  const before: unknown = JSON.parse(vma.store.read(ONE, vma.now) ?? '')
  fetcher.poll(0)
  vma.take(transfer(ONE, 200))
  ask({ ok: true, date: undefined, body: JSON.parse(JSON.stringify(vma.feed.page('', 10, vma.now))) })
  late[0]?.({ ok: true, date: undefined, body: before })
  t.match(results, [
    { pushed: true, progress: { bytes: 200 } },
    { ok: true, progress: { bytes: 200 } },
  ])
  feed.close()
})
