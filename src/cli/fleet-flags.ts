/** The flags of `demo` and `simulate`: what they are called, how they are read; every fault is told at once. */

import { duration, integer, type Kind } from '../../config/kinds.ts'
import { FLEET_DEFAULTS, type FleetOptions } from '../sim/plan.ts'
import type { CommandEntry, CommandOptions } from './commands.ts'

const DAY_MS = 86_400_000

const decimal = (min: number, max: number): Kind<number> => ({
  label: 'number',
  argument: 'number',
  bounds: `${min} to ${max}`,
  show: String,
  parse(text) {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) return { problem: 'is not a number' }
    return value < min || value > max ? { problem: `must be ${min} to ${max}` } : { value }
  },
})

interface Flag {
  readonly kind: Kind<number>
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
  for: { kind: duration(1_000, 30 * DAY_MS), summary: 'end by itself after this time, such as 30s' },
  interval: {
    kind: duration(100, 3_600_000),
    summary: 'time between two polls of one job; the same as --poll-interval',
  },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagName = keyof typeof FLAGS
export const FLEET_FLAGS = ['jobs', 'disks', 'seed', 'speedup', 'for'] as const satisfies readonly FlagName[]

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

export function readFleetFlags(flags: CommandOptions['flags']): ReadFlags {
  const problems: string[] = []
  const read = (name: FlagName): number | undefined => {
    const text = flags[name]
    if (typeof text !== 'string') return undefined
    const parsed = FLAGS[name].kind.parse(text)
    if ('value' in parsed) return parsed.value
    problems.push(`--${name} ${parsed.problem}`)
    return undefined
  }
  const fleet: FleetOptions = {
    ...FLEET_DEFAULTS,
    vms: read('jobs') ?? FLEET_DEFAULTS.vms,
    maxDisks: read('disks') ?? FLEET_DEFAULTS.maxDisks,
    seed: read('seed') ?? FLEET_DEFAULTS.seed,
    speedup: read('speedup') ?? FLEET_DEFAULTS.speedup,
  }
  const value = { fleet, forMs: read('for') ?? null, intervalMs: read('interval') ?? null }
  return problems.length > 0 ? { problems } : { value }
}
