/**
 * Many clients of a real OMA whose connections are cut at random, and an OMA that is killed and started again: what each of
 * them holds in the end is what the OMA holds (WS-2, CLIENT-1). Once short in `npm test`, once long.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { pack, unpack } from 'msgpackr'
import { messagePackCodec, SightlineClient, type LiveJob } from '../../src/client/index.ts'
import { JSON_CODEC, type Codec, type TopicFrame } from '../../src/client/protocol.ts'
import { Random } from '../../src/sim/random.ts'
import { endOf, truthOf, type TruthJob, type TruthPlan } from '../fakes/truth.ts'
import { addFleet } from '../faults/fleet.ts'
import { TrueVma } from '../faults/true-vma.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { connect } from '../support/inventory.ts'
import { freePort } from '../support/mariadb-server.ts'
import { Relay } from '../support/relay.ts'
import { Service, until } from '../support/service.ts'
import { hear, type Held } from '../support/stream-mirror.ts'

const TOKEN = 'a-token-for-returning-clients'
const GIB = 2 ** 30
const ENDED = /"status":"(completed|failed)"/

export interface Scale {
  readonly clients: number
  readonly jobs: number
  /** How long the connections are cut; the OMA is killed in the middle. */
  readonly cutMs: number
  /** A round of cuts; in each round one connection in ten is hit. */
  readonly roundMs: number
  readonly seed: number
}

/** Checks each frame before the client sees it: nothing twice, nothing skipped. */
class Witness {
  readonly faults: string[] = []
  readonly codec: Codec
  readonly #topics = new Map<string, Held>()

  constructor(codec: Codec) {
    this.codec = {
      ...codec,
      decode: (data) => {
        const frame = codec.decode(data)
        if ('topic' in frame) this.#check(frame)
        return frame
      },
    }
  }

  #check(frame: TopicFrame): void {
    try {
      hear(this.#topics, frame)
    } catch (error) {
      this.faults.push(String(error))
    }
  }
}

export async function returningClients(t: Test, scale: Scale): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-returning-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const random = new Random(scale.seed)
  const oma = await Oma.start(t, folder)
  const relay = await Relay.start(oma.port)
  t.teardown(() => relay.stop())
  const witnesses: Witness[] = []
  const clients = Array.from({ length: scale.clients }, (_, i) => {
    const witness = new Witness(i % 2 === 0 ? JSON_CODEC : messagePackCodec({ pack, unpack }))
    witnesses.push(witness)
    const url = `http://127.0.0.1:${relay.port}`
    const client = new SightlineClient({ url, token: TOKEN, codec: witness.codec, random: () => random.next() })
    t.teardown(() => client.close())
    client.topic('jobs')
    return client
  })
  await until('all clients are live', async () => (clients.every(isLive) ? true : undefined))

  const jobs = await oma.addFleet(t, scale)
  const end = Date.now() + scale.cutMs
  // Not by time alone: a busy machine has fewer rounds in it.
  const enough = scale.clients
  let cuts = 0
  for (let isKilled = false; Date.now() < end || cuts < enough;) {
    await new Promise((resolve) => setTimeout(resolve, scale.roundMs))
    cuts += relay.cut(() => random.chance(0.05))
    if (isKilled || cuts < enough / 2) continue
    isKilled = true
    await oma.killAndStart()
  }
  t.comment(`${cuts} connections were cut, and the service was killed once`)

  await until(
    'every job has ended and every client holds what the service holds',
    async () => {
      const there = stableOf(await oma.jobs())
      // Those that ended before the kill are not live any more.
      const isOver = there.size > 0 && [...there.values()].every((job) => ENDED.test(job))
      return isOver && clients.every((client) => isLive(client) && isSame(heldBy(client), there)) ? there : undefined
    },
    Math.max(0, Math.max(...jobs.map(endOf)) - Date.now()) + 30_000,
    200,
  ).then(
    (there) => t.comment(`${there.size} jobs ended after the kill`),
    async (error: unknown) => t.fail(String(error), differences(stableOf(await oma.jobs()), clients)),
  )
  t.same(
    witnesses.flatMap(({ faults }) => faults),
    [],
    'no frame came twice, none was skipped',
  )
}

/** A real OMA over a real VMA process that tells the truth of a plan. */
class Oma {
  readonly port: number
  readonly #start: () => Promise<Service>
  readonly #database: string
  readonly #vmaPort: number
  #service: Service

  private constructor(port: number, vmaPort: number, database: string, start: () => Promise<Service>, first: Service) {
    this.port = port
    this.#vmaPort = vmaPort
    this.#database = database
    this.#start = start
    this.#service = first
  }

  static async start(t: Test, folder: string): Promise<Oma> {
    const url = `sqlite:${join(folder, 'jobs.db')}`
    await emptyDatabase(url)
    const [port, vmaPort] = [await freePort(), await freePort()]
    const settings = {
      OMA_HTTP_PORT: String(port),
      OMA_API_TOKENS: TOKEN,
      DATABASE_URL: url,
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: `http://127.0.0.1:${vmaPort}`,
      VMA_PROGRESS_POLL_INTERVAL: '1s',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
    }
    const start = (): Promise<Service> => Service.start('oma', settings, folder)
    const oma = new Oma(port, vmaPort, url, start, await start())
    t.teardown(() => oma.#service.stop())
    return oma
  }

  /** Jobs that last from half the time of the cuts to a little longer. */
  async addFleet(t: Test, { seed, jobs, cutMs }: Scale): Promise<readonly TruthJob[]> {
    const bytes = [cutMs * 0.5, cutMs * 1.2].map((ms) => Math.ceil((ms / 1_000) * GIB)) as [number, number]
    const startAt = Date.now() + 1_000
    const plan: TruthPlan = { seed, jobs, startAt, spreadMs: 1_000, bytes, bps: [GIB, GIB], failShare: 0.1 }
    const vma = new TrueVma(this.#vmaPort, plan)
    await vma.start()
    t.teardown(() => vma.kill())
    const on = connect(this.#database)
    const truth = truthOf(plan)
    await addFleet(on, truth, startAt)
    await on.close()
    return truth
  }

  async killAndStart(): Promise<void> {
    await this.#service.stop('SIGKILL')
    this.#service = await this.#start()
  }

  async jobs(): Promise<readonly LiveJob[]> {
    const answer = await fetch(`${this.#service.url}/api/v1/progress`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    return ((await answer.json()) as { readonly jobs: readonly LiveJob[] }).jobs
  }
}

function isLive(client: SightlineClient): boolean {
  return client.topic('jobs').isLive
}

function heldBy(client: SightlineClient): ReadonlyMap<string, string> {
  return stableOf([...client.topic('jobs').jobs.values()])
}

/** Without the ages, which grow by themselves. */
function stableOf(jobs: readonly LiveJob[]): ReadonlyMap<string, string> {
  const text = (job: LiveJob): string =>
    JSON.stringify(job, (key, value: unknown) => (key.endsWith('_age_seconds') ? undefined : value))
  return new Map(jobs.map((job) => [job.job_id, text(job)]))
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([id, text]) => b.get(id) === text)
}

function differences(there: ReadonlyMap<string, string>, clients: readonly SightlineClient[]): object {
  return {
    there: there.size,
    clients: clients.map((client) => ({
      connection: client.connection,
      held: heldBy(client).size,
      different: [...there].filter(([id, text]) => heldBy(client).get(id) !== text).slice(0, 1),
    })),
  }
}
