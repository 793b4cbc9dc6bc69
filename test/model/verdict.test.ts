import fc from 'fast-check'
import t from 'tap'
import { POLLING_STATES } from '../../src/machines/polling.ts'
import type { JobRate } from '../../src/model/progress.ts'
import { STALLED_MS } from '../../src/model/rate.ts'
import {
  etaHolds,
  nextVerdict,
  SLOW_SHARE,
  SOURCE_SILENT_MS,
  STAGE_SILENT_MS,
  VERDICTS,
  type Verdict,
  type VerdictInput,
} from '../../src/model/verdict.ts'
import { JOB_STATUSES } from '../../src/model/words.ts'
import { ETA_HOLDS_WHILE, VERDICT_OF_POLL_STATE, VERDICT_OF_STATUS } from '../tables/verdicts.ts'

const CREATED = Date.parse('2025-09-05T15:24:00Z')
const NOW = CREATED + 3_600_000

/** A transfer that was heard of just now, moved 2 s ago and goes at its usual rate. */
const moving: VerdictInput = {
  status: 'replicating',
  stage: 'Transfer',
  pollState: 'waiting',
  createdAt: CREATED,
  contactAt: NOW,
  progress: { updatedAt: NOW - 2_000, rate: { bps: 90, usualBps: 100, movedAt: NOW - 2_000 } },
}

function moved(rate: Partial<JobRate>, updatedAt = NOW): Partial<VerdictInput> {
  return { progress: { updatedAt, rate: { bps: 90, usualBps: 100, movedAt: NOW, ...rate } } }
}

const judge = (fields: Partial<VerdictInput>, previous?: Verdict, now = NOW): Verdict =>
  nextVerdict(previous, now, { ...moving, ...fields })
const stateOf = (fields: Partial<VerdictInput>): string => judge(fields).state

t.test('[VERDICT-1] each state of the polling', async (t) => {
  for (const pollState of POLLING_STATES) t.equal(stateOf({ pollState }), VERDICT_OF_POLL_STATE[pollState], pollState)
})

t.test('[VERDICT-1] each status', async (t) => {
  for (const status of JOB_STATUSES) t.equal(stateOf({ status, stage: 'Odd' }), VERDICT_OF_STATUS[status], status)
})

t.test('[VERDICT-1] slow is under a third of the usual rate', async (t) => {
  t.equal(stateOf(moved({ bps: 33, usualBps: 100 })), 'slow')
  t.equal(stateOf(moved({ bps: 100 * SLOW_SHARE, usualBps: 100 })), 'moving')
  t.equal(stateOf(moved({ bps: 33, usualBps: null })), 'moving', 'nothing is usual yet')
  t.equal(stateOf(moved({ bps: null, usualBps: 100 })), 'moving', 'no rate is known')
  t.equal(stateOf({ ...moved({ bps: 1 }), stage: 'Finalize', status: 'finalizing' }), 'moving', 'Transfer is over')
})

t.test('[VERDICT-1] stalled is no byte for 60 s in Transfer, since the last byte', async (t) => {
  t.equal(stateOf(moved({ movedAt: NOW - STALLED_MS + 1 })), 'moving')
  t.same(judge(moved({ bps: 0, movedAt: NOW - STALLED_MS })), { state: 'stalled', since: NOW - STALLED_MS })
  const still = moved({ bps: 0, movedAt: NOW - 3_600_000 })
  t.equal(stateOf({ ...still, stage: 'Creating Snapshot', status: 'snapshotting' }), 'moving', 'in set-up')
  t.equal(stateOf({ ...still, stage: 'Finalize', status: 'finalizing' }), 'moving', 'after the last byte')
  t.equal(stateOf({ ...still, status: 'queued' }), 'stalled', "the documents' own answer: Queued, in Transfer")
  t.equal(stateOf({ ...still, stage: '', status: 'streaming' }), 'stalled', 'without a stage the status tells')
})

t.test('[VERDICT-1] a source is silent after 30 s in Transfer, after 5 min in other stages', async (t) => {
  const heard = (ms: number): Partial<VerdictInput> => ({ progress: { updatedAt: NOW - ms } })
  t.equal(stateOf(heard(SOURCE_SILENT_MS - 1)), 'moving')
  t.same(judge(heard(SOURCE_SILENT_MS)), { state: 'source_silent', since: NOW - SOURCE_SILENT_MS })
  const setup = { status: 'snapshotting', stage: 'Creating Snapshot' } as const
  t.equal(stateOf({ ...setup, ...heard(STAGE_SILENT_MS - 1) }), 'moving')
  t.equal(stateOf({ ...setup, ...heard(STAGE_SILENT_MS) }), 'source_silent')
  t.equal(stateOf({ status: 'pending', stage: '', ...heard(STAGE_SILENT_MS) }), 'waiting', 'a queue says nothing')
  t.equal(stateOf({ progress: {} }), 'moving', 'a source without times is not called silent')
  t.equal(stateOf(moved({}, NOW + 3_600_000)), 'moving', 'nor one whose clock is ahead')
})

t.test('[VERDICT-1] a silent source is not called stalled: without updates nobody knows of bytes', async (t) => {
  const both = moved({ bps: 0, movedAt: NOW - 600_000 }, NOW - 600_000)
  t.equal(stateOf(both), 'source_silent')
  t.equal(stateOf({ ...both, pollState: 'suspended' }), 'suspended')
  t.equal(stateOf({ ...both, pollState: 'held' }), 'vma_unreachable')
  t.equal(stateOf({ ...both, pollState: 'held', status: 'failed' }), 'finished')
})

t.test(
  '[VERDICT-1] a VMA that does not answer makes nothing stall: the source is judged as of the last contact',
  async (t) => {
    const lastContact = judge({ pollState: 'backingOff' })
    t.equal(judge({ pollState: 'backingOff' }, lastContact, NOW + 120_000), lastContact)
  },
)

t.test('[VERDICT-1] waiting is not begun, since the job is there, or not heard of yet', async (t) => {
  t.same(judge({ status: 'pending', stage: '' }), { state: 'waiting', since: CREATED })
  t.same(judge({ contactAt: undefined, progress: undefined }), { state: 'waiting', since: NOW })
  t.equal(stateOf({ contactAt: undefined, progress: undefined, pollState: 'held' }), 'vma_unreachable')
})

t.test('[VERDICT-1] since: kept while the verdict is, new with a new one', async (t) => {
  const first = judge({}, undefined, NOW)
  t.same(first, { state: 'moving', since: NOW })
  t.equal(judge({}, first, NOW + 5_000), first, 'the same object')
  const slow = judge(moved({ bps: 1 }), first, NOW + 10_000)
  t.same(slow, { state: 'slow', since: NOW + 10_000 })
  t.same(judge({}, slow, NOW + 20_000), { state: 'moving', since: NOW + 20_000 })
  t.same(judge({ status: 'completed', endedAt: NOW + 30_000 }, first, NOW + 90_000), {
    state: 'finished',
    since: NOW + 30_000,
  })
})

t.test('[VERDICT-1] a byte between two standstills makes the second one a new one', async (t) => {
  const first = judge(moved({ bps: 0, movedAt: NOW - 100_000 }))
  t.equal(judge(moved({ bps: 0, movedAt: NOW - 70_000 }), first).since, NOW - 70_000)
})

t.test('[VERDICT-1] a clock that is set back leaves no verdict from the future', async (t) => {
  const first = judge({}, undefined, NOW)
  t.same(judge({}, first, NOW - 3_600_000), { state: 'moving', since: NOW - 3_600_000 })
})

t.test('[ETA-1] an ETA holds while bytes are known to move', async (t) => {
  for (const state of VERDICTS) t.equal(etaHolds(state, 'replicating'), ETA_HOLDS_WHILE[state], state)
  t.equal(etaHolds('finished', 'completed'), true, '0 seconds are left')
  t.equal(etaHolds('finished', 'failed'), false)
})

const time = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((ms) => NOW + ms)
const bps = fc.option(fc.nat(1_000))
const input: fc.Arbitrary<VerdictInput> = fc.record({
  status: fc.constantFrom(...JOB_STATUSES),
  stage: fc.constantFrom('', 'Transfer', 'Creating Snapshot', 'Finalize', 'Odd'),
  pollState: fc.constantFrom(...POLLING_STATES),
  createdAt: time,
  endedAt: fc.option(time, { nil: undefined }),
  contactAt: fc.option(time, { nil: undefined }),
  progress: fc.record({ updatedAt: time, rate: fc.record({ bps, usualBps: bps, movedAt: time }) }),
})

t.test('[VERDICT-1] whatever comes: one of the words, never from the future, and twice the same is one', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(input, time)), (steps) => {
      let verdict: Verdict | undefined
      for (const [said, now] of steps) {
        verdict = nextVerdict(verdict, now, said)
        if (!VERDICTS.includes(verdict.state) || verdict.since > now) return false
        if (nextVerdict(verdict, now, said) !== verdict) return false
      }
      return true
    }),
  )
})

t.test(
  '[VERDICT-1] a sender that goes on reporting the same bytes is no silent one: its transfer stands still',
  async (t) => {
    const at = 1_000_000
    const input = {
      status: 'replicating',
      stage: 'Transfer',
      pollState: 'waiting',
      createdAt: 0,
      contactAt: at,
      progress: { updatedAt: at - 90_000, rate: { bps: 0, usualBps: null, movedAt: at - 90_000 } },
    } as const
    t.match(nextVerdict(undefined, at, input), { state: 'source_silent' })
    const reporting = { ...input, progress: { ...input.progress, heardAt: at - 1_000 } }
    t.match(nextVerdict(undefined, at, reporting), { state: 'stalled', since: at - 90_000 })
  },
)
