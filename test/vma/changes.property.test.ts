/** The change feed (VMA-11): whatever happens in whatever order, a follower ends with what the VMA holds. */

import fc from 'fast-check'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { ChangesSchema } from '../../src/model/wire/changes.ts'
import { mostBytes } from '../../src/vma/feed-document.ts'
import { differenceOf, FollowedVma } from '../support/followed-vma.ts'
import { KEYS, step } from '../support/vma-histories.ts'

function compare(vma: FollowedVma): void {
  for (const key of KEYS) {
    const difference = differenceOf(vma.asked(key), vma.held(key))
    if (difference !== undefined) throw new Error(difference)
  }
}

t.test('[VMA-11] a sample of the feed is the sample of the single GET, then and at any later time', async (t) => {
  const pauses = fc.array(fc.constantFrom(0, 1, 30_000, 59_999, 60_000, 3_600_000), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), pauses, (history, passes) => {
      const vma = new FollowedVma()
      for (const each of history) vma.take(each)
      vma.catchUp(1_000)
      for (const ms of passes) {
        vma.now += ms
        compare(vma)
      }
    }),
    { numRuns: 1_000 },
  )
  t.pass('for 1 000 histories')
})

const command = fc.oneof(
  { weight: 12, arbitrary: step },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('hear' as const), limit: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)
const commands = fc.array(command, { maxLength: 80 })
/** Jobs go by age and by number, removals are forgotten soon, holes are closed at once. */
const tight = fc.record({
  maxJobs: fc.integer({ min: 1, max: 4 }),
  retentionMs: fc.constantFrom(1_000, 60_000),
  idleMs: fc.constantFrom(5_000, 200_000),
})
const tightLog = fc.record({ maxRemovals: fc.integer({ min: 0, max: 4 }), minHoles: fc.integer({ min: 0, max: 4 }) })

t.test('[VMA-11] pages at random moments, restarts and removals lead to exactly what the store holds', async (t) => {
  fc.assert(
    fc.property(commands, tight, tightLog, fc.integer({ min: 1, max: 5 }), (history, limits, logLimits, limit) => {
      const vma = new FollowedVma(limits, logLimits)
      for (const each of history) {
        if (each.do === 'hear') vma.hear(each.limit)
        else if (each.do === 'sweep') vma.store.sweep(vma.now)
        else if (each.do === 'restart') vma.restart()
        else vma.take(each)
      }
      vma.catchUp(limit)
      compare(vma)
      const { size } = vma.store.changes
      const most = 2 * (vma.store.jobs + logLimits.maxRemovals) + logLimits.minHoles + 2
      if (size > most) throw new Error(`the log holds ${size} for ${vma.store.jobs} jobs`)
    }),
    { numRuns: 2_000 },
  )
  t.pass('for 2 000 histories')
})

t.test(
  '[VMA-11] without restarts and with room for the removals only the first page is of a full listing',
  async (t) => {
    fc.assert(
      fc.property(commands, tight, (history, limits) => {
        const vma = new FollowedVma(limits)
        for (const each of history) {
          if (each.do === 'hear') vma.hear(each.limit)
          else if (each.do === 'sweep') vma.store.sweep(vma.now)
          else if (each.do !== 'restart') vma.take(each)
        }
        vma.catchUp(2)
        if (vma.fullListings !== 1) throw new Error(`${vma.fullListings} full listings`)
        compare(vma)
      }),
      { numRuns: 500 },
    )
    t.pass('for 500 histories')
  },
)

const answer = Compile(ChangesSchema)

t.test('[VMA-11] every answer is as described, and no change takes more bytes than reckoned', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (history) => {
      const vma = new FollowedVma()
      for (const each of history) vma.take(each)
      const page = vma.hear(1_000)
      if (!answer.Check(page)) throw new Error(JSON.stringify(answer.Errors(page)))
      let at = 0
      vma.store.changes.walk(0, (job) => {
        const bytes = Buffer.byteLength(JSON.stringify(page.jobs[at]))
        if (typeof job === 'string' || bytes >= mostBytes(job)) throw new Error(`${bytes} bytes`)
        at += 1
        return true
      })
    }),
    { numRuns: 500 },
  )
  t.pass('for 500 histories')
})
