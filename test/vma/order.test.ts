/** Late, repeated, restarted: what one sender's next update means. */

import t from 'tap'
import { HandVma } from '../support/vma.ts'

t.test('[VMA-7] fewer bytes are late, the same again is a repetition: nothing changes', async (t) => {
  const vma = new HandVma()
  vma.transfer(60, { total_bytes: 100, percent: 60 })
  const before = vma.get()
  t.equal(vma.transfer(40, { total_bytes: 100, percent: 40 }), 'ignored_late')
  t.equal(vma.transfer(60, { total_bytes: 100, percent: 60 }), 'ignored_late')
  t.equal(vma.transfer(60, { percent: 59 }), 'ignored_late')
  t.same(vma.get(), before)
  t.match(vma.store.counts, { accepted: 1, ignored_late: 3 })
})

t.test('[VMA-7] a sender that repeats itself is heard, though nothing changes', async (t) => {
  const vma = new HandVma()
  vma.transfer(60, { total_bytes: 100 })
  vma.pass(30).transfer(60, { total_bytes: 100 })
  t.match(vma.get().run, { updated_at: '2025-09-05T15:00:00.000Z', heard_at: '2025-09-05T15:00:30.000Z' })
})

t.test('[VMA-7] seq orders updates whatever their bytes', async (t) => {
  const vma = new HandVma()
  vma.transfer(60, { total_bytes: 100, seq: 6 })
  t.equal(vma.transfer(80, { seq: 5 }), 'ignored_late')
  t.equal(vma.transfer(80, { seq: 6 }), 'ignored_late')
  t.equal(vma.get().bytes_transferred, 60)
  t.equal(vma.transfer(50, { seq: 7, status: 'paused' }), 'accepted')
  t.match(vma.get(), { bytes_transferred: 60, status: 'paused', run: { number: 1 } }, 'newer, but not backwards')
})

t.test('[VMA-7] a late word of an earlier stage changes nothing', async (t) => {
  const vma = new HandVma()
  vma.setup('Creating Snapshot', 15)
  t.equal(vma.setup('Creating Snapshot', 10), 'ignored_late')
  t.equal(vma.setup('Initializing', 5), 'ignored_late')
  vma.transfer(90, { total_bytes: 100 })
  vma.post({ stage: 'Finalize', status: 'Finalizing', bytes_transferred: 0 })
  t.match(vma.get(), { current_operation: 'Finalize', bytes_transferred: 90 }, 'Go sends 0 for bytes it does not know')
  t.equal(vma.transfer(90, { total_bytes: 100 }), 'ignored_late')
  t.equal(vma.get().current_operation, 'Finalize')
})

t.test('[VMA-7] documented stages without percent keep their order', async (t) => {
  const vma = new HandVma()
  vma.post({ stage: 'Snapshot', status: 'Snapshotting' })
  t.equal(vma.post({ stage: 'Discover', status: 'Preparing' }), 'ignored_late')
  t.equal(vma.post({ stage: 'StartExports', status: 'Preparing' }), 'accepted')
})

t.test('[VMA-7] a status that moves forward counts, whatever the bytes', async (t) => {
  const vma = new HandVma()
  vma.transfer(60, { status: 'Queued', total_bytes: 100 })
  t.equal(vma.transfer(50, { status: 'Running' }), 'accepted')
  t.match(vma.get(), { status: 'Running', bytes_transferred: 60 })
  t.equal(vma.transfer(60, { status: 'Queued' }), 'ignored_late')
})

t.test('[VMA-7] an update overtaken by the end does not wake the run', async (t) => {
  const vma = new HandVma()
  vma.transfer(900, { total_bytes: 1_000 })
  vma.completed(1_000)
  t.equal(vma.pass(1).transfer(950), 'ignored_late')
  t.equal(vma.post({ stage: 'Finalize', status: 'in_progress' }), 'ignored_late', 'closing is no beginning')
  t.equal(vma.completed(1_000), 'ignored_late')
  t.match(vma.get(), { status: 'completed', percentage: 100, run: { number: 1 } })
})

t.test('[VMA-8] after the end, work is a new run', async (t) => {
  for (const end of ['completed', 'failed', 'Succeeded']) {
    const vma = new HandVma()
    vma.transfer(40, { total_bytes: 100, percent: 40 })
    vma.pass(1).post({ stage: 'Transfer', status: end, percent: 100, error_message: 'why' })
    vma.pass(3_600).transfer(1, { total_bytes: 20 })
    t.match(vma.get(), {
      bytes_transferred: 1,
      total_bytes: 20,
      percentage: 5,
      errors: [],
      last_error: null,
      run: { number: 2, started_at: '2025-09-05T16:00:01.000Z', ended_at: null },
      throughput: { peak_mbps: 0 },
    })
    t.equal(vma.get().phases.length, 1)
  }
})

t.test('[VMA-8] the next sync of the volume begins with set-up', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { total_bytes: 100 })
  vma.pass(3_600).setup('Initializing', 5)
  t.match(vma.get(), { percentage: 5, bytes_transferred: 0, status: 'in_progress', run: { number: 2 } })
})

t.test('[VMA-8] back from transfer to set-up is a new run', async (t) => {
  const vma = new HandVma()
  vma.setup('Preparing Migration', 30)
  vma.transfer(40, { total_bytes: 100 })
  vma.pass(10).setup('Initializing', 5)
  t.match(vma.get(), { percentage: 5, setup_progress_percent: 5, bytes_transferred: 0, run: { number: 2 } })
})

t.test('[VMA-8] bytes from zero again are a new run', async (t) => {
  const vma = new HandVma()
  vma.transfer(40, { total_bytes: 100 })
  vma.pass(10).transfer(0, { total_bytes: 100 })
  t.match(vma.get(), { percentage: 0, bytes_transferred: 0, run: { number: 2 } })
  vma.pass(10).transfer(10, { seq: 1 })
  vma.pass(10).transfer(0, { seq: 2 })
  t.equal(vma.get().run.number, 3)
})

t.test('[VMA-8] another life of the sender starts over, or goes on where it was', async (t) => {
  const vma = new HandVma()
  vma.transfer(40, { total_bytes: 100, seq: 90, boot_id: 'a' })
  vma.pass(10).transfer(40, { seq: 1, boot_id: 'b' })
  t.match(vma.get(), { bytes_transferred: 40, run: { number: 1 } }, 'resumed')
  vma.pass(10).transfer(5, { seq: 1, boot_id: 'c' })
  t.match(vma.get(), { bytes_transferred: 5, run: { number: 2 } }, 'started over')
  t.equal(vma.transfer(45, { seq: 2, boot_id: 'b' }), 'ignored_late', 'what the life before sent is late')
  t.equal(vma.get().bytes_transferred, 5)
})

t.test('[VMA-8] a run whose only update is its end', async (t) => {
  const vma = new HandVma()
  vma.completed(100, { total_bytes: 100 })
  vma.pass(3_600).completed(0)
  t.match(vma.get(), { status: 'completed', percentage: 100, bytes_transferred: 0, run: { number: 2 } })
})
