/** Whether the service can do its work now, and why not (API-5, DB-5). Says what is wrong, never with an error's own text (SEC-2). */

import type { ReadinessJson } from '../http/ports.ts'
import type { CircuitView } from './circuits.ts'

export interface ReadinessInput {
  /** The database was opened and discovery runs. */
  readonly started: boolean
  readonly discoveryFailing: boolean
  readonly writesFailing: boolean
  readonly writesQueued: number
  readonly circuits: readonly CircuitView[]
  readonly threadsDown: number
  readonly rfc3339: (at: number) => string
}

export function readiness(input: ReadinessInput): ReadinessJson {
  const database = databaseReason(input)
  const vmas = input.circuits.map(({ name, isUp, since, cause }) => ({
    name,
    status: isUp ? ('up' as const) : ('down' as const),
    since: input.rfc3339(since),
    reason: isUp ? null : (cause?.code ?? 'unreachable'),
  }))
  const workers = input.threadsDown > 0 ? `${input.threadsDown} worker threads are being started again` : undefined
  const reasons = [
    ...(database === undefined ? [] : [database]),
    ...vmas.filter((vma) => vma.status === 'down').map((vma) => `VMA ${vma.name} is unreachable since ${vma.since}`),
    ...(workers === undefined ? [] : [workers]),
  ]
  return {
    status: reasons.length === 0 ? 'ready' : 'degraded',
    reasons,
    checks: {
      database: { status: database === undefined ? 'up' : 'down', writes_waiting: input.writesQueued },
      vmas,
      workers: { status: workers === undefined ? 'up' : 'down' },
    },
  }
}

function databaseReason({ started, discoveryFailing, writesFailing }: ReadinessInput): string | undefined {
  if (!started) return 'the database is not open yet'
  if (discoveryFailing) return 'the database does not answer'
  return writesFailing ? 'the database does not take writes; they are kept' : undefined
}
