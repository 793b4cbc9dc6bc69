/** One client that reads nothing for a while among others that do. */

import type { LiveJobJson } from '../../src/model/live.ts'
import { rounded, type Section } from '../support/report.ts'
import type { Woken } from './crowd-process.ts'
import { HubSide, type Measured, type SideOptions } from './hub-side.ts'

export interface SlowOptions {
  readonly side: SideOptions
  readonly perSecond: number
  readonly seconds: number
}

const COMPLETIONS = 40

export async function besideASleeper({ side: options, perSecond, seconds }: SlowOptions): Promise<Omit<Section, 'id'>> {
  const side = await HubSide.start(options)
  try {
    const load = { ask: 'pace', perSecond, seconds, completions: COMPLETIONS } as const
    await side.run({ ...load, seconds: 2 })
    const without = await side.run(load)
    await side.askClients({ ask: 'sleeper', port: side.port, format: options.format })
    await side.askClients({ ask: 'sleep' })
    const rssBefore = side.rssMib
    const beside = await side.run(load)
    const rssAfter = side.rssMib
    const woken = await side.askClients<Woken>({ ask: 'wake' })
    const states = await side.ask<readonly LiveJobJson[]>({ ask: 'states' })
    const row = (
      name: string,
      m: Measured,
      more: Record<string, string | number>,
    ): Record<string, string | number> => ({
      run: name,
      'others’ p50 ms': m.p50,
      'others’ p99 ms': m.p99,
      'others’ longest ms': m.max,
      'CPU ms/1000 frames': rounded((m.serverCpu / m.frames) * 1e6),
      collapses: m.collapses,
      'most that waited, bytes': m.mostBuffered,
      ...more,
    })
    const none = { 'newest states': '', 'completed heard': '' }
    const gaps = without.mostBuffered
    return {
      title: `${options.clients} clients, ${perSecond} changes/s for ${seconds} s, with and without one that reads nothing (${options.format})`,
      rows: [
        row('all read', without, none),
        row('and one sleeps', beside, {
          'newest states': `${sameStates(woken.states, states)} of ${states.length}`,
          'completed heard': `${woken.events.filter((event) => event.startsWith('completed ')).length} of ${COMPLETIONS}`,
        }),
      ],
      notes: [
        `Woken, it read ${rounded(woken.bytes / 1e6)} MB in ${rounded(woken.seconds)} s and had caught up: ${woken.collapsed} collapsed frames, ` +
          `${beside.conflatedEvents} events left out, closed ${beside.slowClosed} times. Besides what waits in the hub (told above; ${gaps} without it) the kernel holds what the socket's two buffers take. ` +
          `The server's RSS went from ${Math.round(rssBefore)} to ${Math.round(rssAfter)} MiB meanwhile.`,
      ],
    }
  } finally {
    await side.stop()
  }
}

/** Ages apart: they grow by themselves. */
function sameStates(held: readonly LiveJobJson[], are: readonly LiveJobJson[]): number {
  const texts = new Map(held.map((job) => [job.job_id, textOf(job)]))
  return are.filter((job) => texts.get(job.job_id) === textOf(job)).length
}

function textOf(job: LiveJobJson): string {
  const entries = Object.entries(job).filter(([key]) => !key.endsWith('_age_seconds'))
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
