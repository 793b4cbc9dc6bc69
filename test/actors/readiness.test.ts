import t from 'tap'
import { readiness, type ReadinessInput } from '../../src/actors/readiness.ts'

const WELL: ReadinessInput = {
  started: true,
  discoveryFailing: false,
  writesFailing: false,
  writesQueued: 0,
  circuits: [{ name: 'vma1', state: 'closed', isUp: true, since: 0, cause: undefined }],
  threadsDown: 0,
  rfc3339: (at) => `t${at}`,
}

t.test('[API-5, DB-5] ready when all is well, and every fault is a reason', async (t) => {
  t.match(readiness(WELL), { status: 'ready', reasons: [], checks: { database: { status: 'up' } } })
  const faults: readonly [Partial<ReadinessInput>, RegExp][] = [
    [{ started: false }, /not open yet/],
    [{ discoveryFailing: true }, /does not answer/],
    [{ writesFailing: true, writesQueued: 7 }, /does not take writes; they are kept/],
    [{ threadsDown: 1 }, /1 worker threads/],
  ]
  for (const [fault, reason] of faults) {
    const said = readiness({ ...WELL, ...fault })
    t.equal(said.status, 'degraded')
    t.match(said.reasons, [reason])
  }
})

t.test('[SEC-2] a VMA that is away is named, with the kind of its fault and not its text', async (t) => {
  const cause = { code: 'unreachable', message: 'connect to http://user:secret@vma' } as const
  const said = readiness({ ...WELL, circuits: [{ name: 'vma1', state: 'open', isUp: false, since: 5, cause }] })
  t.match(said, {
    status: 'degraded',
    reasons: ['VMA vma1 is unreachable since t5'],
    checks: { vmas: [{ status: 'down', reason: 'unreachable' }] },
  })
  t.notMatch(JSON.stringify(said), 'secret')
})
