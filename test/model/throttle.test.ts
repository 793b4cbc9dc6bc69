import fc from 'fast-check'
import t from 'tap'
import { writeReason, type LastWrite, type Writable } from '../../src/model/throttle.ts'

const base: Writable = {
  status: 'replicating',
  terminal: false,
  operation: 'Transfer',
  percent: 10,
  bytes: 100,
  totalBytes: 1_000,
  speedBps: 5,
  etaSeconds: 180,
}
const last: LastWrite = { ...base, at: 10_000 }

t.test('[THR-1] each reason, and none', async (t) => {
  const reason = (next: Partial<Writable>, at: number, before: LastWrite | undefined = last) =>
    writeReason(before, { ...base, ...next }, at)
  t.equal(writeReason(undefined, base, 0), 'first')
  t.equal(reason({ status: 'finalizing' }, 10_001), 'status')
  t.equal(reason({ operation: 'Finalize' }, 10_001), 'operation')
  t.equal(reason({ percent: 11 }, 10_001), 'percent')
  t.equal(reason({ percent: 10.99 }, 10_001), null)
  t.equal(reason({ bytes: 101 }, 11_999), null)
  t.equal(reason({ bytes: 101 }, 12_000), 'interval')
  t.equal(reason({}, 12_000), null, 'nothing changed')
  t.equal(reason({}, 19_999), null)
  t.equal(reason({}, 20_000), 'heartbeat')
  t.equal(reason({ status: 'completed', terminal: true }, 10_001), 'terminal')
  t.equal(writeReason(undefined, { ...base, status: 'failed', terminal: true }, 0), 'terminal')
})

t.test('[THR-1] whatever happens, no change waits more than 2 s and no end waits at all', async () => {
  const change = fc.record({ bytes: fc.integer({ min: 0, max: 1_000 }), ms: fc.integer({ min: 1, max: 1_500 }) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
      let written: LastWrite = { ...base, at: 0 }
      let now = 0
      for (const { bytes, ms } of changes) {
        now += ms
        const next = { ...base, bytes, percent: bytes / 10 }
        if (writeReason(written, next, now) !== null) written = { ...next, at: now }
        if (written.bytes !== bytes && now - written.at >= 2_000) return false
      }
      return writeReason(written, { ...base, status: 'completed', terminal: true }, now) === 'terminal'
    }),
  )
})
