/** Random histories of a VMA for properties: several keys, several senders of each, registrations, and time that passes. */

import fc from 'fast-check'
import type { ProgressUpdate, Registration } from '../../src/model/wire/update.ts'

export const KEYS = ['migration-vol-1', 'job-2', ' Ünïcode "3" ', 'changes'] as const

export type Step =
  | { readonly do: 'update'; readonly key: string; readonly update: ProgressUpdate }
  | { readonly do: 'register'; readonly key: string; readonly registration: Registration }
  | { readonly do: 'pass'; readonly ms: number }

const amounts = fc.oneof(fc.nat(100), fc.constant(0), fc.maxSafeNat())
const disk = fc.constantFrom('', 'a', 'b')

const update: fc.Arbitrary<ProgressUpdate> = fc.record(
  {
    stage: fc.constantFrom('Snapshot', 'Creating Snapshot', 'Transfer', 'Finalize', 'Complete', 'Error', ' Odd '),
    status: fc.constantFrom('Queued', 'Running', 'in_progress', 'completed', 'Succeeded', 'failed', 'paused', ' ', ''),
    bytes_transferred: amounts,
    total_bytes: amounts,
    throughput_bps: amounts,
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
    disk_id: disk,
    sync_type: fc.constantFrom('full', 'incremental', ' '),
    error_message: fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 40 })),
    seq: fc.nat(50),
    boot_id: fc.constantFrom('', 'x', 'y'),
  },
  { requiredKeys: ['stage'] },
)

const registration: fc.Arbitrary<Registration> = fc.record(
  {
    sync_type: fc.constantFrom('incremental', 'initial'),
    cbt: fc.record({ type: fc.constantFrom('', 'full'), change_id: fc.constantFrom('', '52 3f/17') }),
    disks: fc.uniqueArray(fc.record({ id: fc.constantFrom('a', 'd'), planned_bytes: fc.nat(200) }), {
      selector: ({ id }) => id,
    }),
  },
  { requiredKeys: [] },
)

const key = fc.constantFrom(...KEYS)

/** Time never goes backwards in it. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('update' as const), key, update }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('register' as const), key, registration }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 700, 2_000, 4_999, 59_999, 70_000),
    }),
  },
)
