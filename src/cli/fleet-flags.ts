/** The flags of `demo` and `simulate`: what they are called, how they are read; every fault is told at once. */

import { duration, integer, type Kind } from '../../config/kinds.ts'
import { byteRange, decimal, share } from './fleet-kinds.ts'
import { FLEET_DEFAULTS, type FleetOptions } from '../sim/plan.ts'
import type { CommandEntry, CommandOptions } from './commands.ts'

const DAY_MS = 86_400_000

interface Flag {
  readonly kind: Pick<Kind<unknown>, 'argument' | 'bounds' | 'parse'>
  readonly summary: string
}

/** By name without its dashes. */
const FLAGS = {
  jobs: {
    kind: integer(1, 20_000),
    summary: `VMs in the fleet; each has one job at a time (default ${FLEET_DEFAULTS.vms})`,
  },
  disks: { kind: integer(1, 16), summary: `each VM has 1 to this many disks (default ${FLEET_DEFAULTS.maxDisks})` },
  seed: { kind: integer(0, 0x7fffffff), summary: 'the same number gives the same fleet (default 1)' },
  speedup: {
    kind: decimal(0.01, 100_000),
    summary: `how much faster than in the field disks move (default ${FLEET_DEFAULTS.speedup})`,
  },
  sizes: {
    kind: byteRange(65_536, 2 ** 50, '64KiB to 1024TiB'),
    summary: 'what a full sync of one disk moves, such as 1GiB-200GiB (default 3 to 24 minutes of its VM’s rate)',
  },
  rates: {
    kind: byteRange(1_024, 2 ** 40, '1KiB to 1TiB'),
    summary: 'what a VM carries in a second, before the speed-up (default 5MiB-400MiB)',
  },
  'incremental-share': {
    kind: share,
    summary: 'share of incremental jobs (default: all after a VM’s first full sync)',
  },
  'failure-share': { kind: share, summary: 'share of jobs that fail and say so' },
  'stall-share': { kind: share, summary: 'share of jobs that stand still for 90 s' },
  'death-share': { kind: share, summary: 'share of jobs whose migratekit dies without a word' },
  'reorder-share': { kind: share, summary: 'share of updates that the one after them overtakes' },
  for: { kind: duration(1_000, 30 * DAY_MS), summary: 'end by itself after this time, such as 30s' },
  interval: {
    kind: duration(100, 3_600_000),
    summary: 'time between two polls of one job; the same as --poll-interval',
  },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagName = keyof typeof FLAGS
export const FLEET_FLAGS = [
  'jobs',
  'disks',
  'sizes',
  'rates',
  'incremental-share',
  'failure-share',
  'stall-share',
  'death-share',
  'reorder-share',
  'seed',
  'speedup',
  'for',
] as const satisfies readonly FlagName[]

/** As the table of commands wants them; defaults stand in the summary, as a flag given is told from one that is not. */
export function flagOptions(names: readonly FlagName[]): NonNullable<CommandEntry['options']> {
  return names.map((name) => ({
    flags: `--${name} <${FLAGS[name].kind.argument}>`,
    summary: `${FLAGS[name].summary}; ${FLAGS[name].kind.bounds}`,
  }))
}

export interface FleetFlags {
  readonly fleet: FleetOptions
  readonly forMs: number | null
  readonly intervalMs: number | null
}

export type ReadFlags = { readonly value: FleetFlags } | { readonly problems: readonly string[] }

type ValueOf<N extends FlagName> = (typeof FLAGS)[N]['kind'] extends Kind<infer T> ? T : never

/** `usual`: what holds where no flag is given. */
export function readFleetFlags(flags: CommandOptions['flags'], usual: FleetOptions = FLEET_DEFAULTS): ReadFlags {
  const problems: string[] = []
  const read = <N extends FlagName>(name: N): ValueOf<N> | undefined => {
    const text = flags[camelCase(name)]
    if (typeof text !== 'string') return undefined
    const parsed = FLAGS[name].kind.parse(text)
    if ('value' in parsed) return parsed.value as ValueOf<N>
    problems.push(`--${name} ${parsed.problem}`)
    return undefined
  }
  const fleet: FleetOptions = {
    ...usual,
    vms: read('jobs') ?? usual.vms,
    maxDisks: read('disks') ?? usual.maxDisks,
    sizes: read('sizes') ?? usual.sizes,
    rates: read('rates') ?? usual.rates,
    incrementalShare: read('incremental-share') ?? usual.incrementalShare,
    failureShare: read('failure-share') ?? usual.failureShare,
    stallShare: read('stall-share') ?? usual.stallShare,
    deathShare: read('death-share') ?? usual.deathShare,
    reorderShare: read('reorder-share') ?? usual.reorderShare,
    seed: read('seed') ?? usual.seed,
    speedup: read('speedup') ?? usual.speedup,
  }
  if (fleet.failureShare + fleet.deathShare > 1)
    problems.push('--failure-share and --death-share are more than all jobs together')
  const value = { fleet, forMs: read('for') ?? null, intervalMs: read('interval') ?? null }
  return problems.length > 0 ? { problems } : { value }
}

/** commander's name for a flag. */
function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
