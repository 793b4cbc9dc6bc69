/**
 * Several servers under the same load in turn, A B C A B C: what else happens on the machine hits all of them. Of each the
 * median round counts.
 */

import type { Delays } from '../../src/telemetry/delays.ts'
import type { Child } from './child.ts'
import type { Load, LoadGenerator } from './load.ts'
import { median, rounded, type Row } from './report.ts'

export interface Side {
  readonly name: string
  readonly child: Child
  readonly url: string
  /** Share of a core that it takes for its other work, load or no load: not counted as the requests' cost. */
  readonly otherwiseBusy?: number
  /** Delays of its event loop since it was asked last. */
  readonly loopDelays?: () => Promise<Delays>
}

export interface Figures {
  readonly name: string
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Processor time of the server, microseconds a request. */
  readonly cpuUs: number
  /** Share of its core that each took, 0..1. */
  readonly serverBusy: number
  readonly clientBusy: number
  readonly failures: number
  readonly rssMib: number
  /** Event loop, 99th percentile and longest in ms; undefined where nobody tells. */
  readonly loopP99: number | undefined
  readonly loopMax: number | undefined
}

export interface Rounds {
  readonly sides: readonly Side[]
  readonly client: LoadGenerator
  readonly rounds: number
  readonly load: Omit<Load, 'url'>
  /** A round before, of which nothing counts. */
  readonly warmUp?: boolean
}

export async function inTurn({ sides, client, rounds, load, warmUp = true }: Rounds): Promise<readonly Figures[]> {
  const taken = new Map<string, Figures[]>(sides.map(({ name }) => [name, []]))
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    for (const side of sides) {
      const figures = await oneRound(side, client, load)
      if (round >= 0) taken.get(side.name)?.push(figures)
    }
  }
  return sides.map(({ name }) => middle(name, taken.get(name) ?? []))
}

async function oneRound(side: Side, client: LoadGenerator, load: Omit<Load, 'url'>): Promise<Figures> {
  const { name, child, url, otherwiseBusy = 0, loopDelays } = side
  await loopDelays?.()
  const before = child.cpuSeconds()
  const result = await client.run({ ...load, url })
  const cpu = child.cpuSeconds() - before
  const delays = await loopDelays?.()
  return {
    name,
    perSecond: result.perSecond,
    p50: result.p50,
    p99: result.p99,
    cpuUs: (Math.max(0, cpu - otherwiseBusy * result.seconds) * 1e6) / result.answers,
    serverBusy: cpu / result.seconds,
    clientBusy: result.busy,
    failures: result.failures,
    rssMib: child.memory().rssBytes / 2 ** 20,
    loopP99: delays?.p99,
    loopMax: delays?.max,
  }
}

function middle(name: string, rounds: readonly Figures[]): Figures {
  const of = (pick: (figures: Figures) => number): number => median(rounds.map(pick))
  const watched = rounds.some((f) => f.loopP99 !== undefined)
  return {
    name,
    perSecond: of((f) => f.perSecond),
    p50: of((f) => f.p50),
    p99: of((f) => f.p99),
    cpuUs: of((f) => f.cpuUs),
    serverBusy: of((f) => f.serverBusy),
    clientBusy: of((f) => f.clientBusy),
    failures: rounds.reduce((sum, f) => sum + f.failures, 0),
    rssMib: of((f) => f.rssMib),
    loopP99: watched ? of((f) => f.loopP99 ?? 0) : undefined,
    loopMax: watched ? Math.max(...rounds.map((f) => f.loopMax ?? 0)) : undefined,
  }
}

/** The first side is ours: how many times its figures each other one needs. */
export function rowsOf(figures: readonly Figures[]): readonly Row[] {
  const [ours] = figures
  if (ours === undefined) return []
  return figures.map((one) => ({
    server: one.name,
    'requests/s': Math.round(one.perSecond),
    'p50 ms': rounded(one.p50),
    'p99 ms': rounded(one.p99),
    'CPU µs/request': rounded(one.cpuUs),
    'ours is × in requests/s': rounded(ours.perSecond / one.perSecond),
    // Not to be told where the other work took all that there was.
    'ours is × in CPU': ours.cpuUs > 0 ? rounded(one.cpuUs / ours.cpuUs) : '',
    'server busy %': Math.round(one.serverBusy * 100),
    'client busy %': Math.round(one.clientBusy * 100),
    'RSS MiB': Math.round(one.rssMib),
    failures: one.failures,
    ...(ours.loopP99 === undefined ? {} : { 'loop p99 ms': one.loopP99 ?? '', 'loop max ms': one.loopMax ?? '' }),
  }))
}

/** A server that is not at work all the time was not the limit: its requests/s are the client's, or those of others here. */
export function limitNote(figures: readonly Figures[]): readonly string[] {
  const idle = figures.filter((one) => one.serverBusy < 0.9).map(({ name }) => name)
  if (idle.length === 0) return []
  return [`Not at its limit: ${idle.join(', ')}. There the CPU per request compares, requests/s do not.`]
}
