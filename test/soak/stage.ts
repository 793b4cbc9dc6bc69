/** All that a soak runs on: MariaDB, two VMAs behind relays, and the OMA; and what may be done to them. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child } from '../../bench/support/child.ts'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Random } from '../../src/sim/random.ts'
import { connect } from '../support/inventory.ts'
import { freePort, MariaDbServer } from '../support/mariadb-server.ts'
import { Relay } from '../support/relay.ts'
import { until } from '../support/service.ts'
import type { Trouble } from './agenda.ts'
import type { Crash } from './ends.ts'
import type { OmaQuestion } from './oma-process.ts'
import type { Figures } from './probe.ts'
import { VCENTERS } from './plan.ts'
import type { VmaQuestion } from './vma-process.ts'
import { badLines } from './process-log.ts'

export const TOKEN = 'a-token-for-the-soak'
export const CONTACT_TIMEOUT_MS = 20_000

/** Minutes become seconds, so that every kind of end comes many times in twenty minutes. */
const SETTINGS = {
  VMA_PROGRESS_POLL_INTERVAL: '2s',
  VMA_PROGRESS_STARTUP_GRACE: '10s',
  VMA_PROGRESS_BACKOFF_BASE: '500ms',
  VMA_PROGRESS_CONTACT_TIMEOUT: '20s',
  VMA_PROGRESS_MAX_CONCURRENT: '64',
  OMA_FETCH_THREADS: '2',
  DATABASE_TIME_ZONE: 'UTC',
  OMA_HTTP_PORT: '0',
  OMA_API_TOKENS: TOKEN,
}
/** A VMA forgets what has ended after 20 s, and whom it does not hear of any more after 12 s. */
const VMA_LIMITS = { retentionMs: 20_000, idleMs: 12_000 }
const VMA_NAMES = ['feeding', 'documented'] as const
const FEED = Buffer.from('/api/v1/progress/changes')
const NO_FEED = Buffer.from('/api/v1/progress/chang3s')

class Vma {
  readonly port: number
  readonly #log: string
  #child: Child | undefined

  constructor(port: number, log: string) {
    this.port = port
    this.#log = log
  }

  async start(): Promise<void> {
    const child = Child.start(new URL('./vma-process.ts', import.meta.url), {
      nodeArgs: ['--expose-gc'],
      log: this.#log,
    })
    this.#child = child
    const question: VmaQuestion = {
      ask: 'start',
      settings: { host: '127.0.0.1', port: this.port, tokens: [], limits: VMA_LIMITS },
    }
    await child.ask(question)
  }

  /** Undefined while it is away. */
  async figures(): Promise<Figures | undefined> {
    return await this.#child?.ask<Figures>({ ask: 'figures' } satisfies VmaQuestion).catch(() => undefined)
  }

  async kill(): Promise<void> {
    await this.#child?.stop('SIGKILL')
  }
}

export class Stage {
  readonly on: Connection
  readonly url: string
  readonly #server: MariaDbServer
  readonly #vmas: readonly Vma[]
  readonly #relays: readonly Relay[]
  readonly #oma: Child
  readonly #logs: readonly string[]
  readonly #away = new Set<string>()
  /** What has been done so far. */
  readonly done: Record<Trouble['kind'], number> = { cut: 0, thread: 0, vma: 0, database: 0 }
  readonly crashes: Crash[] = []

  private constructor(parts: Parts, url: string) {
    this.on = parts.on
    this.url = url
    this.#server = parts.server
    this.#vmas = parts.vmas
    this.#relays = parts.relays
    this.#oma = parts.oma
    this.#logs = parts.logs
  }

  static async open(folder: string): Promise<Stage> {
    const server = await MariaDbServer.start(folder)
    const database = await server.database('soak')
    const store = await openDatabase(database, { zone: 'UTC', poolSize: 1 })
    await store.migrate()
    await store.close()
    const logs = [...VMA_NAMES, 'oma'].map((name) => join(folder, `${name}.log`))
    const vmas = [new Vma(await freePort(), logs[0] ?? ''), new Vma(await freePort(), logs[1] ?? '')]
    const relays: Relay[] = []
    for (const vma of vmas) {
      await vma.start()
      relays.push(await Relay.start(vma.port))
    }
    const [, documented] = relays
    // No documented VMA has a change feed: its relay leads to nowhere there.
    if (documented !== undefined) documented.translate = withoutFeed
    const oma = Child.start(new URL('./oma-process.ts', import.meta.url), {
      nodeArgs: ['--expose-gc'],
      log: logs[2] ?? '',
    })
    const question: OmaQuestion = {
      ask: 'start',
      settings: {
        ...SETTINGS,
        DATABASE_URL: database,
        VMA_PROGRESS_CLIENT_URL: relays.map(({ url }, i) => `${VMA_NAMES[i]}=${url}`).join(','),
      },
      vcenters: Object.fromEntries(VCENTERS.map((vcenter, i) => [vcenter, VMA_NAMES[i] ?? ''])),
    }
    const url = await oma.ask<string>(question)
    const stage = new Stage({ on: connect(database), server, vmas, relays, oma, logs }, url)
    await until('the OMA is ready', async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), 60_000)
    return stage
  }

  get vmaUrls(): readonly string[] {
    return this.#vmas.map(({ port }) => `http://127.0.0.1:${port}`)
  }

  /** Of the OMA, and of the first VMA under names of its own. */
  async figures(): Promise<Figures> {
    const [oma, vma = {}] = await Promise.all([
      this.#oma.ask<Figures>({ ask: 'figures' } satisfies OmaQuestion),
      this.#vmas[0]?.figures(),
    ])
    return Object.fromEntries([
      ...Object.entries(oma).map(([name, value]) => [`oma ${name}`, value]),
      ...Object.entries(vma).map(([name, value]) => [`vma ${name}`, value]),
    ]) as Figures
  }

  stats(): Promise<unknown> {
    return this.#oma.ask({ ask: 'stats' } satisfies OmaQuestion)
  }

  /** What is away already is left away. */
  async trouble(trouble: Trouble, random: Random): Promise<void> {
    const what = trouble.kind === 'vma' ? `vma ${trouble.vma}` : trouble.kind
    if (this.#away.has(what)) return
    this.done[trouble.kind] += 1
    this.#away.add(what)
    try {
      await this.#make(trouble, random)
    } finally {
      this.#away.delete(what)
    }
  }

  async #make(trouble: Trouble, random: Random): Promise<void> {
    switch (trouble.kind) {
      case 'cut':
        this.#relays[trouble.vma]?.cut(() => random.chance(0.5))
        break
      case 'thread':
        await this.#oma.ask({ ask: 'killThread' } satisfies OmaQuestion)
        break
      case 'vma':
        await this.#crash(trouble.vma, trouble.awayMs)
        break
      case 'database':
        await this.#server.kill()
        await after(trouble.awayMs)
        await this.#server.restart()
        break
    }
  }

  async #crash(vma: number, awayMs: number): Promise<void> {
    const crash: Crash = { vma, at: Date.now(), until: Infinity }
    this.crashes.push(crash)
    await this.#vmas[vma]?.kill()
    await after(awayMs)
    await this.#vmas[vma]?.start()
    crash.until = Date.now()
  }

  /** Asks the OMA to end as SIGTERM does, then ends all of it. What the processes said that they should not. */
  async close(): Promise<readonly string[]> {
    const refusal = await this.#oma.ask({ ask: 'close' } satisfies OmaQuestion).then(
      () => [],
      (cause: unknown) => [`the OMA did not close: ${String(cause)}`],
    )
    await this.#oma.stop()
    for (const relay of this.#relays) await relay.stop()
    for (const vma of this.#vmas) await vma.kill()
    await this.on.close()
    await this.#server.stop()
    return [...refusal, ...this.#logs.flatMap((file) => (existsSync(file) ? badLines(readFileSync(file, 'utf8')) : []))]
  }
}

interface Parts {
  readonly on: Connection
  readonly server: MariaDbServer
  readonly vmas: readonly Vma[]
  readonly relays: readonly Relay[]
  readonly oma: Child
  readonly logs: readonly string[]
}

function withoutFeed(data: Buffer): Buffer {
  const at = data.indexOf(FEED)
  if (at < 0) return data
  const changed = Buffer.from(data)
  NO_FEED.copy(changed, at)
  return changed
}

export function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
