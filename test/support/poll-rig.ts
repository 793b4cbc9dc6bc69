/** The threads' part as it runs in a thread, without the thread: real VmaClient and Fetcher against scripted VMAs. */

import type { Test } from 'tap'
import type { JobProgress } from '../../src/model/progress.ts'
import { Fetcher } from '../../src/workers/fetcher.ts'
import type { FetchTarget, PollResult } from '../../src/workers/protocol.ts'
import { VmaClient, type VmaClientOptions } from '../../src/workers/vma-client.ts'
import { ScriptedVma, type VmaOptions } from '../fakes/scripted-vma.ts'

export const GIB = 2 ** 30
/** What an export of the first, second … disk is called. */
export const exportOf = (disk: number): string => `migration-vol-00000000-0000-4000-8000-00000000000${disk}`
export const JOB = 'job-20250905-162427'

export interface PollRig {
  readonly vma: ScriptedVma
  readonly client: VmaClient
  /** Tells a job; without fields one of one disk, created now. */
  readonly track: (fields?: Partial<FetchTarget> & { readonly disks?: number }) => void
  /** The one result that a poll brings; rejects when the job already has a poll under way. */
  readonly poll: (slot?: number) => Promise<PollResult>
  /** The same, of which success is expected. */
  readonly progress: (slot?: number) => Promise<JobProgress>
  /** The same, of which an error is expected: its code. */
  readonly code: (slot?: number) => Promise<string>
}

/** Against `running`, or a VMA of its own; both are stopped at the test's end. */
export async function pollRig(
  t: Test,
  options: Partial<VmaClientOptions> & { readonly vma?: VmaOptions } = {},
  running?: ScriptedVma,
): Promise<PollRig> {
  const vma = running ?? (await ScriptedVma.start(options.vma ?? {}))
  const client = new VmaClient(
    { name: 'vma', url: vma.url },
    { maxConcurrent: 8, timeoutMs: 5_000, now: Date.now, ...options },
  )
  t.teardown(async () => {
    client.close()
    await vma.close()
  })
  const waiting = new Map<number, (result: PollResult) => void>()
  const fetcher = new Fetcher([client], Date.now, (result) => {
    const done = waiting.get(result.slot)
    waiting.delete(result.slot)
    if (done === undefined) t.fail(`a result for slot ${result.slot} that nobody asked for`)
    else done(result)
  })
  const poll = (slot = 0): Promise<PollResult> =>
    new Promise((resolve, reject) => {
      if (waiting.has(slot)) return reject(new Error(`slot ${slot} is being polled`))
      waiting.set(slot, resolve)
      fetcher.poll(slot)
    })
  return {
    vma,
    client,
    track: ({ disks = 1, ...fields } = {}) =>
      fetcher.track({ slot: 0, jobId: JOB, vma: 0, createdAt: Date.now(), plan: planOf(disks), ...fields }),
    poll,
    progress: async (slot) => {
      const result = await poll(slot)
      if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`)
      return result.progress
    },
    code: async (slot) => {
      const result = await poll(slot)
      return result.ok ? `ok: ${result.progress.status} ${result.progress.percent} %` : result.error.code
    },
  }
}

/** Disks of 100 GiB capacity: `disk-2000`, `disk-2001` … */
export function planOf(disks: number): FetchTarget['plan'] {
  return Array.from({ length: disks }, (_, i) => ({
    diskId: `disk-${2_000 + i}`,
    key: exportOf(i),
    planned: { bytes: 100 * GIB, origin: 'capacity' },
  }))
}
