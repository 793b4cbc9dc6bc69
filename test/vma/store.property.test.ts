/** Whatever order updates come in, and however often: the rules that never bend. */

import fc from 'fast-check'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { ProgressDocumentSchema, type ProgressDocument } from '../../src/model/wire/progress-document.ts'
import type { ProgressUpdate } from '../../src/model/wire/update.ts'
import { HandVma, KEY } from '../support/vma.ts'

const stages = [
  'Initializing',
  'Snapshot',
  'Creating Snapshot',
  'Transfer',
  'Finalize',
  'Cleanup',
  'Complete',
  'Error',
  'Od"d\n\ud800 – 碼',
]
const words = ['Queued', 'Running', 'in_progress', 'completed', 'Succeeded', 'failed', 'paused', '']

const update: fc.Arbitrary<ProgressUpdate> = fc.record(
  {
    stage: fc.constantFrom(...stages),
    status: fc.constantFrom(...words),
    bytes_transferred: fc.oneof(fc.nat(100), fc.constant(0), fc.maxSafeNat()),
    total_bytes: fc.oneof(fc.nat(100), fc.maxSafeNat()),
    throughput_bps: fc.oneof(fc.nat(100), fc.maxSafeNat()),
    percent: fc.double({ min: 0, max: 100, noNaN: true }),
    disk_id: fc.constantFrom('', 'a', 'b', 'c'),
    error_message: fc.string(),
    seq: fc.nat(20),
    boot_id: fc.constantFrom('', 'x', 'y'),
  },
  { requiredKeys: ['stage'] },
)
type Step = readonly [ProgressUpdate, number]
const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.tuple(update, fc.constantFrom(0, 1, 7, 70, -1)), {
  maxLength: 40,
})
const registered = fc.subarray(['a', 'b', 'd'])

const document = Compile(ProgressDocumentSchema)

function replay(
  history: readonly Step[],
  disks: readonly string[],
  check: (now: ProgressDocument, before?: ProgressDocument) => void,
): void {
  const vma = new HandVma()
  if (disks.length > 0) vma.store.register(KEY, { disks: disks.map((id) => ({ id, planned_bytes: 50 })) }, vma.now)
  let before: ProgressDocument | undefined
  for (const [body, seconds] of history) {
    vma.pass(seconds).post(body)
    const now = vma.get()
    check(now, before)
    before = now
  }
}

t.test('[VMA-4] every document is whole: no field missing, no NaN, no negative number', async (t) => {
  fc.assert(
    fc.property(steps, registered, (history, disks) => {
      replay(history, disks, (now) => {
        if (!document.Check(now)) throw new Error(JSON.stringify(document.Errors(now)))
      })
    }),
    { numRuns: 500 },
  )
  t.pass('for 500 histories')
})

t.test('[VMA-4] every document is written as JSON.stringify would write it', async (t) => {
  fc.assert(
    fc.property(steps, registered, fc.string({ unit: 'binary', minLength: 1 }), (history, disks, key) => {
      const vma = new HandVma()
      const plan = disks.map((id) => ({ id, label: key, planned_bytes: 50 }))
      vma.store.register(key, { vm_info: { name: key, path: key }, disks: plan }, vma.now)
      for (const [body, seconds] of history) {
        vma.pass(seconds).post(body, key)
        const text = vma.store.read(key, vma.now) ?? ''
        if (JSON.stringify(JSON.parse(text)) !== text) throw new Error(text)
      }
    }),
    { numRuns: 300 },
  )
  t.pass('for 300 histories')
})

t.test('[VMA-7] within a run percent and bytes never go backwards', async (t) => {
  fc.assert(
    fc.property(steps, registered, (history, disks) => {
      replay(history, disks, (now, before) => {
        if (now.percentage < 0 || now.percentage > 100) throw new Error(`percent ${now.percentage}`)
        if (before === undefined || before.run.number !== now.run.number) return
        if (now.bytes_transferred < before.bytes_transferred) throw new Error('bytes went backwards')
        if ((now.setup_progress_percent ?? 0) < (before.setup_progress_percent ?? 0))
          throw new Error('set-up went backwards')
        // Once, from the percent of set-up to that of the transfer.
        const startsTransfer = before.percentage === before.setup_progress_percent
        if (now.percentage < before.percentage && !startsTransfer) throw new Error('percent went backwards')
      })
    }),
    { numRuns: 500 },
  )
  t.pass('for 500 histories')
})

t.test('[VMA-8] run numbers only grow, and a run keeps its start', async (t) => {
  fc.assert(
    fc.property(steps, (history) => {
      replay(history, [], (now, before) => {
        if (before === undefined) return
        if (now.run.number < before.run.number || now.run.number > before.run.number + 1) throw new Error('run number')
        if (now.run.number === before.run.number && now.run.started_at !== before.run.started_at)
          throw new Error('start')
      })
    }),
    { numRuns: 300 },
  )
  t.pass('for 300 histories')
})

t.test('[VMA-7] an update with a seq changes nothing when it comes a second time', async (t) => {
  const sequenced = fc.array(fc.record({ bytes: fc.nat(100), again: fc.nat(5) }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(sequenced, (history) => {
      const vma = new HandVma()
      const sent: ProgressUpdate[] = []
      let bytes = 0
      for (const [seq, { bytes: more, again }] of history.entries()) {
        bytes += more
        const body = { stage: 'Transfer', status: 'Running', bytes_transferred: bytes, total_bytes: 5_000, seq }
        sent.push(body)
        vma.pass(1).post(body)
        const before = JSON.stringify(vma.get())
        const repeated = sent[sent.length - 1 - (again % sent.length)]
        if (repeated === undefined || vma.post(repeated) !== 'ignored_late') throw new Error('a repetition was taken')
        if (JSON.stringify(vma.get()) !== before) throw new Error('a repetition changed something')
      }
    }),
  )
  t.pass('for 100 histories')
})
