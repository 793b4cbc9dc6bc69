/** Seeded random walks: whatever VMAs, network and other writers do, the rules of a job's life hold (fast-check prints the seed). */

import fc from 'fast-check'
import t from 'tap'
import { World, type Deed } from '../support/world.ts'

const key = fc.nat(8)
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 60, max: 320 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('mood' as const),
      vma: fc.nat(1),
      mood: fc.constantFrom('up', 'refusing', 'hanging', 'failing', 'talking', 'garbled', 'up', 'up'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('move' as const),
      key,
      share: fc.double({ min: 0, max: 0.6, noNaN: true }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('word' as const),
      key,
      status: fc.constantFrom(
        'Queued',
        'in_progress',
        'Streaming',
        'Preparing',
        'Finalizing',
        'completed',
        'nonsense',
        '',
      ),
      stage: fc.constantFrom('Transfer', 'Creating Snapshot', 'Finalize', 'Discover', ''),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('end' as const), key, good: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('forget' as const), key }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('poll' as const), job: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('pause' as const), job: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const), job: fc.nat(4) }) },
)
const jobs = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })

for (const hasFeeds of [false, true]) {
  t.test(
    `[STAT-2, STAT-3, POLL-2, POLL-7, POLL-10, API-4, THR-1, AGG-3] whatever happens, the rules of a job’s life hold, ${hasFeeds ? 'told by feeds' : 'polled'}`,
    async (t) => {
      fc.assert(
        fc.property(jobs, fc.array(deed, { minLength: 5, maxLength: 40 }), (disks, deeds) => {
          const world = new World(disks, hasFeeds)
          for (const one of deeds) world.do(one)
          world.settle()
          const open = world.jobIds.filter((id) => world.rows.get(id)?.ended !== true)
          const { reasons, rows, ends, crashes } = world.tracking
          const said = [
            ...world.breaches,
            ...open.map((id) => `${id}: never ended`),
            ...crashes.map(({ jobId }) => `${jobId}: its actor threw`),
            ...(reasons.length === rows.length + ends.length ? [] : ['a write without a reason']),
          ]
          if (said.length > 0) throw new Error(said.join('\n'))
        }),
        { numRuns: Number(process.env['WALKS'] ?? 150) },
      )
      t.pass('150 walks')
    },
  )
}
