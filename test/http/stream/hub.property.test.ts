/** Whatever happens in whatever order: in the end every client holds what the server holds, and heard of every end. */

import fc from 'fast-check'
import t from 'tap'
import type { LiveChange } from '../../../src/http/ports.ts'
import type { EventFrame } from '../../../src/http/stream/frames.ts'
import { HandStream, type TestClient } from '../../support/stream.ts'

const JOBS = ['a', 'b', 'c', 'd', 'e'] as const
const TOPICS = ['jobs', 'job:a', 'job:c', 'vm:even', 'vm:odd'] as const
const CLIENTS = 3
/** Small, so that every limit is met. */
const LIMITS = {
  budgetBytes: 3_000,
  resumeBytes: 1_000,
  jobsPerDelta: 2,
  lingerMs: 3_000,
  drainMs: 1e9,
  jobsLog: { frames: 12, bytes: 20_000 },
  otherLog: { frames: 4, bytes: 5_000 },
}

type Step =
  | { readonly kind: 'change'; readonly job: string; readonly percent: number; readonly change: LiveChange }
  | { readonly kind: 'remove'; readonly job: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly client: number; readonly topic: string }
  | { readonly kind: 'disconnect' | 'reconnect' | 'stall' | 'flow'; readonly client: number }
  | { readonly kind: 'read'; readonly client: number; readonly bytes: number }

const job = fc.constantFrom(...JOBS)
const client = fc.nat(CLIENTS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      job,
      percent: fc.nat(100),
      change: fc.constantFrom('progress', 'progress', 'stage', 'completed', 'failed', 'stalled', 'resumed'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), job }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 60, 100, 250, 4_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('subscribe', 'subscribe', 'unsubscribe'),
      client,
      topic: fc.constantFrom(...TOPICS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('disconnect', 'reconnect', 'stall', 'stall', 'flow'), client }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), client, bytes: fc.nat(4_000) }) },
)

class Run {
  readonly stream = new HandStream(LIMITS)
  readonly clients: TestClient[]
  readonly connected: boolean[]
  /** Never disconnects, never stalls, hears everything. */
  readonly witness: TestClient

  constructor(witness = false) {
    this.clients = Array.from({ length: CLIENTS }, (_, i) => this.stream.connect(i % 2 === 0 ? 'json' : 'msgpack'))
    this.connected = this.clients.map(() => true)
    this.clients[0]?.subscribe(['jobs'])
    this.clients[1]?.subscribe(['vm:odd', 'job:a'])
    this.witness = this.stream.connect()
    // With it topics never end.
    if (witness) this.witness.subscribe(TOPICS)
    this.stream.timers.pass(0)
  }

  take(steps: readonly Step[]): this {
    for (const step of steps) this.#take(step)
    return this
  }

  /** Everyone is there, reads, and all is told. */
  settle(): this {
    for (let i = 0; i < CLIENTS; i += 1) {
      this.#take({ kind: 'reconnect', client: i })
      this.#take({ kind: 'flow', client: i })
    }
    this.stream.timers.pass(3_000)
    return this
  }

  #take(step: Step): void {
    if (step.kind === 'change') return this.#change(step)
    if (step.kind === 'remove') return this.stream.remove(step.job)
    if (step.kind === 'pass') return this.stream.timers.pass(step.ms)
    const client = this.clients[step.client]
    const isConnected = this.connected[step.client] === true
    if (client === undefined) return
    if (step.kind === 'reconnect') {
      if (!isConnected) client.reconnect()
      this.connected[step.client] = true
    } else if (!isConnected) return
    else if (step.kind === 'subscribe') client.subscribe([step.topic])
    else if (step.kind === 'unsubscribe') client.unsubscribe([step.topic])
    else if (step.kind === 'read') client.read(step.bytes)
    else if (step.kind === 'stall') client.isReading = false
    else if (step.kind === 'flow') {
      client.isReading = true
      client.read(Infinity)
    } else {
      client.disconnect()
      this.connected[step.client] = false
    }
  }

  #change({ job, percent, change }: Extract<Step, { kind: 'change' }>): void {
    const isNew = !this.stream.jobs.has(job)
    const vmName = JOBS.indexOf(job as (typeof JOBS)[number]) % 2 === 0 ? 'even' : 'odd'
    const status = change === 'completed' || change === 'failed' ? change : 'replicating'
    this.stream.set(job, { progress_percent: percent, status }, isNew ? 'started' : change, vmName)
  }
}

function requireSame(run: Run, client: TestClient): void {
  for (const [topic, held] of client.topics) {
    const expected = run.stream.covered(topic)
    const sorted = (map: ReadonlyMap<string, object>): string =>
      JSON.stringify([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (sorted(held.jobs) !== sorted(expected)) {
      throw new Error(`${topic}: the client holds ${sorted(held.jobs)}, the server ${sorted(expected)}`)
    }
  }
}

const runs = fc.array(step, { maxLength: 120, size: 'max' })
const OPTIONS = { numRuns: 300 }

t.test('[WS-2] every client ends with the state of the server; no seq comes twice or is skipped', async (t) => {
  let collapses = 0
  let resumes = 0
  fc.assert(
    fc.property(runs, (steps) => {
      const run = new Run().take(steps).settle()
      for (const one of [...run.clients, run.witness]) requireSame(run, one)
      for (const { topics } of run.clients) {
        for (const held of topics.values()) {
          collapses += held.collapses
          if (held.snapshots === 1 && held.position !== undefined) resumes += 1
        }
      }
    }),
    OPTIONS,
  )
  t.ok(collapses > 50, `${collapses} frames of collapses were among them`)
  t.ok(resumes > 100, `${resumes} topics went on without a second snapshot`)
})

t.test('[WS-4] a client that is behind hears of every end; one that is not, of every event', async (t) => {
  const ends = (events: readonly EventFrame[]): string =>
    JSON.stringify(
      events
        .filter(({ event }) => event === 'completed' || event === 'failed')
        .map(({ event, job_id }) => `${job_id} ${event}`)
        .toSorted(),
    )
  fc.assert(
    fc.property(runs, (steps) => {
      const stays = steps.filter(({ kind }) => kind !== 'disconnect' && kind !== 'unsubscribe' && kind !== 'subscribe')
      const run = new Run(true)
      for (const one of run.clients) one.subscribe(TOPICS)
      run.stream.timers.pass(150)
      run.take(stays).settle()
      for (const topic of TOPICS) {
        const heard = run.witness.held(topic).events
        for (const one of run.clients) {
          const held = one.held(topic)
          if (ends(held.events) !== ends(heard)) throw new Error(`${topic}: ${ends(held.events)}, not ${ends(heard)}`)
          if (held.collapses === 0 && held.events.length !== heard.length)
            throw new Error(`${topic}: an event is missing`)
        }
      }
    }),
    OPTIONS,
  )
  t.pass('for 300 histories')
})

t.test('[WS-4] what waits for a client stays within the budget and one frame', async (t) => {
  const largest = 2 * 1_500
  fc.assert(
    fc.property(runs, (steps) => {
      const run = new Run().take(steps)
      for (const one of run.clients) {
        // A snapshot of all jobs is the one frame that may be larger; it is sent only into a buffer with room.
        const snapshot = LIMITS.resumeBytes + JOBS.length * 1_500
        const most = Math.max(LIMITS.budgetBytes + largest, snapshot)
        if (one.mostBuffered > most) throw new Error(`${one.mostBuffered} bytes waited`)
      }
    }),
    OPTIONS,
  )
  t.pass('for 300 histories')
})
