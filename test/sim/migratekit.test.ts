import fc from 'fast-check'
import t from 'tap'
import { isProgressUpdate } from '../../src/model/wire/update.ts'
import { beginTransfer, nextUpdate, type Transfer, type UpdateDocument } from '../../src/sim/migratekit.ts'
import type { Fate, TransferPlan } from '../../src/sim/plan.ts'

const BASE: TransferPlan = {
  kind: 'initial',
  totalBytes: 1_000_000_000,
  rateBps: 10_000_000,
  setupMs: [1_000, 1_000, 1_000, 1_000, 1_000],
  spells: [],
  fate: { type: 'completes' },
  seed: 11,
  bootId: 'boot-1',
}
const START = 1_757_000_000_000

interface Sent {
  readonly at: number
  readonly document: UpdateDocument
}

/** Runs a process to its end, each update `lateMs` after it was due. */
function runToEnd(plan: TransferPlan, lateMs = 0): { readonly sent: readonly Sent[]; readonly last: Transfer } {
  const sent: Sent[] = []
  let transfer = beginTransfer(plan, START)
  for (let steps = 0; transfer.end === null; steps += 1) {
    if (steps > 20_000) throw new Error('the transfer does not end')
    const at = transfer.dueAt + lateMs
    const step = nextUpdate(transfer, at)
    if (step.document !== null) sent.push({ at, document: step.document })
    transfer = step.transfer
  }
  return { sent, last: transfer }
}

t.test('set-up comes first: stage, status and percent alone, as real clients send it', async (t) => {
  const { sent } = runToEnd(BASE)
  const common = { status: 'in_progress', bytes_transferred: 0, throughput_bps: 0, boot_id: 'boot-1' }
  t.strictSame(
    sent.slice(0, 5).map(({ document }) => document),
    [
      { stage: 'Initializing', percent: 5, ...common, seq: 1 },
      { stage: 'Creating Snapshot', percent: 10, ...common, seq: 2 },
      { stage: 'Creating Snapshot', percent: 15, ...common, seq: 3 },
      { stage: 'Setting up NBD', percent: 20, ...common, seq: 4 },
      { stage: 'Preparing Migration', percent: 30, ...common, seq: 5 },
    ],
  )
})

t.test('the transfer starts again at percent 0 and ends completed at 100 with throughput 0', async (t) => {
  const { sent } = runToEnd({ ...BASE, diskId: 'disk-2000' })
  const figures = { total_bytes: 1_000_000_000, sync_type: 'initial', disk_id: 'disk-2000', boot_id: 'boot-1' }
  t.strictSame(sent[5]?.document, {
    stage: 'Transfer',
    status: 'in_progress',
    percent: 0,
    bytes_transferred: 0,
    throughput_bps: 0,
    ...figures,
    seq: 6,
  })
  t.strictSame(sent.at(-1)?.document, {
    stage: 'Transfer',
    status: 'completed',
    percent: 100,
    bytes_transferred: 1_000_000_000,
    throughput_bps: 0,
    ...figures,
    seq: sent.length,
  })
})

t.test('an old client sends neither seq, boot_id, disk_id nor a throughput of its own', async (t) => {
  const { bootId: _, ...old } = BASE
  for (const { document } of runToEnd(old).sent) {
    if ('seq' in document || 'boot_id' in document || 'disk_id' in document) t.fail(JSON.stringify(document))
    t.equal(document.throughput_bps, 0)
  }
})

t.test('an incremental without a changed block is complete at once, with a total of 0', async (t) => {
  const { sent } = runToEnd({ ...BASE, kind: 'incremental', totalBytes: 0 })
  t.equal(sent.length, 6)
  t.match(sent.at(-1)?.document, {
    stage: 'Transfer',
    status: 'completed',
    percent: 100,
    bytes_transferred: 0,
    total_bytes: 0,
    sync_type: 'incremental',
  })
})

t.test('a failure says failed with its reason, where it happened', async (t) => {
  const { sent, last } = runToEnd({ ...BASE, fate: { type: 'fails', at: 0.4, message: 'nbd: connection reset' } })
  t.equal(last.end, 'failed')
  t.match(sent.at(-1)?.document, {
    stage: 'Transfer',
    status: 'failed',
    percent: 40,
    bytes_transferred: 400_000_000,
    throughput_bps: 0,
    error_message: 'nbd: connection reset',
  })
})

t.test('a death is silent: no failure message comes', async (t) => {
  const { sent, last } = runToEnd({ ...BASE, fate: { type: 'dies', at: 0.4 } })
  t.equal(last.end, 'died')
  t.ok(sent.every(({ document }) => document.status === 'in_progress'))
  t.ok((sent.at(-1)?.document.bytes_transferred ?? 0) < 400_000_000)
})

t.test('reports every 2 s, or every 1 % where that comes sooner', async (t) => {
  const gaps = (plan: TransferPlan): readonly number[] => {
    const times = runToEnd(plan).sent.slice(5, -1)
    return times.slice(1).map(({ at }, n) => at - (times[n]?.at ?? 0))
  }
  t.ok(
    gaps({ ...BASE, rateBps: 1_000_000 }).every((gap) => Math.abs(gap - 2_000) < 0.01),
    'a slow disk: every 2 s',
  )
  t.ok(
    gaps(BASE).every((gap) => gap > 600 && gap < 2_000),
    '1 % of this disk takes about 1 s',
  )
})

t.test('a stall keeps reporting the same bytes every 2 s and then goes on to the end', async (t) => {
  const { sent, last } = runToEnd({ ...BASE, spells: [{ at: 0.5, ms: 90_000, factor: 0 }] })
  t.equal(last.end, 'completed')
  const still = sent.filter(({ document }) => document.bytes_transferred === 500_000_000)
  const [first, end] = [still[0]?.at ?? 0, still.at(-1)?.at ?? 0]
  t.ok(end - first > 86_000 && end - first < 92_000, `stands for 90 s, here ${end - first} ms`)
  t.ok(
    still.slice(1).every(({ document }) => document.throughput_bps === 0),
    'and says so',
  )
})

const fates: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant<Fate>({ type: 'completes' }),
  fc.double({ min: 0.01, max: 0.99, noNaN: true }).map((at): Fate => ({ type: 'fails', at, message: 'x' })),
  fc.double({ min: 0.01, max: 0.99, noNaN: true }).map((at): Fate => ({ type: 'dies', at })),
)
const plans: fc.Arbitrary<TransferPlan> = fc
  .record({
    kind: fc.constantFrom<TransferPlan['kind']>('initial', 'incremental'),
    totalBytes: fc.integer({ min: 0, max: 4_000_000_000 }),
    rateBps: fc.integer({ min: 10_000_000, max: 400_000_000 }),
    spells: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        ms: fc.integer({ min: 0, max: 100_000 }),
        factor: fc.constantFrom(0, 0.2),
      }),
      { maxLength: 3 },
    ),
    fate: fates,
    seed: fc.integer(),
    bootId: fc.constantFrom(undefined, 'boot-1'),
    diskId: fc.constantFrom(undefined, 'disk-2000'),
  })
  .map(({ bootId, diskId, ...rest }) => ({
    ...rest,
    setupMs: BASE.setupMs,
    ...(bootId === undefined ? {} : { bootId }),
    ...(diskId === undefined ? {} : { diskId }),
  }))

t.test(
  'every update is one that the VMA takes; bytes, percent and seq never fall; the last one tells the end',
  async (t) => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 5_000 }), (plan, lateMs) => {
        const { sent, last } = runToEnd(plan, lateMs)
        const moving = sent.slice(5).map(({ document }) => document)
        for (const { document } of sent) if (!isProgressUpdate(document)) throw new Error(JSON.stringify(document))
        moving.forEach((document, n) => {
          const before = moving[n - 1]
          if (before === undefined) return
          if (document.bytes_transferred < before.bytes_transferred) throw new Error('bytes fell')
          if (document.percent < before.percent) throw new Error('percent fell')
          if ((document.seq ?? 0) < (before.seq ?? 0)) throw new Error('seq fell')
          if (before.status !== 'in_progress') throw new Error('something came after the end')
        })
        const end = moving.at(-1)?.status
        const told = { completed: 'completed', failed: 'failed', died: 'in_progress' }
        return last.end !== null && end === told[last.end]
      }),
      { numRuns: 200 },
    )
    t.pass()
  },
)

t.test('the same plan at the same times sends the same documents', async (t) => {
  t.strictSame(runToEnd(BASE, 3).sent, runToEnd(BASE, 3).sent)
})
