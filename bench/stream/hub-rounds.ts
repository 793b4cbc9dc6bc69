/** The hub beside its rival, in turns; of each the median round counts. */

import { median, rounded, type Row } from '../support/report.ts'
import { HubSide, type Measured, type SideOptions } from './hub-side.ts'
import type { HubQuestion } from './server.ts'

type Load = Extract<HubQuestion, { ask: 'pace' | 'saturate' }>

interface Outcome {
  readonly side: HubSide
  readonly rounds: readonly Measured[]
}

/** Every side under the same load, A B C A B C; all of them are stopped at the end. */
export async function inTurns(sides: readonly SideOptions[], load: Load, rounds: number): Promise<readonly Row[]> {
  const started: HubSide[] = []
  try {
    for (const options of sides) started.push(await HubSide.start(options))
    const taken = started.map((side) => ({ side, rounds: [] as Measured[] }))
    for (let round = -1; round < rounds; round += 1) {
      for (const { side, rounds: mine } of taken) {
        const measured = await side.run(load)
        if (round >= 0) mine.push(measured)
      }
    }
    return load.ask === 'pace' ? paceRows(taken) : saturationRows(taken)
  } finally {
    await Promise.all(started.map((side) => side.stop()))
  }
}

function paceRows(outcomes: readonly Outcome[]): readonly Row[] {
  return outcomes.map(({ side, rounds }) => {
    const of = (pick: (measured: Measured) => number): number => median(rounds.map(pick))
    return {
      server: side.name,
      'p50 ms': of((m) => m.p50),
      'p99 ms': of((m) => m.p99),
      'longest ms': Math.max(...rounds.map((m) => m.max)),
      'frames/s': rounded(of((m) => m.frames / m.seconds)),
      'CPU ms/1000 frames': rounded(of(cpuOf)),
      'of it kernel': rounded(of(kernelOf)),
      'CPU ms/MB': rounded(of((m) => (m.serverCpu * 1e9) / m.bytes)),
      'CPU µs/change': Math.round(of((m) => (m.serverCpu * 1e6) / m.changes)),
      'bytes/change': Math.round(of((m) => m.bytesPerChange)),
      // Of one alone it would be the noise of the heap.
      ...(side.clients > 1 ? { 'RSS bytes/client': Math.round(side.rssPerClient) } : {}),
      'server busy %': Math.round(of((m) => m.serverCpu / m.seconds) * 100),
      'clients busy %': Math.round(of((m) => m.clientCpu / m.seconds) * 100),
      collapses: rounds.reduce((sum, m) => sum + m.collapses, 0),
      'RSS MiB': Math.round(side.rssMib),
    }
  })
}

/** The first side is ours. */
function saturationRows(outcomes: readonly Outcome[]): readonly Row[] {
  const of = ({ rounds }: Outcome, pick: (measured: Measured) => number): number => median(rounds.map(pick))
  const framesPerS = (m: Measured): number => m.frames / m.seconds
  const [ours] = outcomes
  if (ours === undefined) return []
  return outcomes.map((one) => ({
    server: one.side.name,
    'frames/s': Math.round(of(one, framesPerS)),
    'MB/s': Math.round(of(one, (m) => m.bytes / m.seconds / 1e6)),
    'CPU ms/1000 frames': rounded(of(one, cpuOf)),
    'of it kernel': rounded(of(one, kernelOf)),
    'ours is × in frames/s': rounded(of(ours, framesPerS) / of(one, framesPerS)),
    'ours is × in CPU': rounded(of(one, cpuOf) / of(ours, cpuOf)),
    'server busy %': Math.round(of(one, (m) => m.serverCpu / m.seconds) * 100),
    'clients busy %': Math.round(of(one, (m) => m.clientCpu / m.seconds) * 100),
    collapses: one.rounds.reduce((sum, m) => sum + m.collapses, 0),
  }))
}

/** Milliseconds of the server's processor time for 1 000 frames, the changes' own work included. */
function cpuOf({ serverCpu, frames }: Measured): number {
  return (serverCpu / frames) * 1e6
}

function kernelOf({ kernelSeconds, frames }: Measured): number {
  return (kernelSeconds / frames) * 1e6
}
