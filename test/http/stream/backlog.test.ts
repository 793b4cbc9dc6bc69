/** What a client that is behind has yet to hear of one topic. */

import t from 'tap'
import { Backlog } from '../../../src/http/stream/backlog.ts'
import type { EventName, TopicFrame } from '../../../src/http/stream/frames.ts'
import { EPOCH, liveState } from '../../support/stream.ts'

const head = { topic: 'jobs', epoch: EPOCH, seq: 7 }
const delta = (jobId: string): TopicFrame => ({ ...head, type: 'delta', jobs: [{ job_id: jobId }] })
const event = (name: EventName, jobId: string): TopicFrame => ({
  ...head,
  type: 'event',
  event: name,
  job_id: jobId,
  vm_name: 'vm1',
  at: '2025-09-05T15:00:00Z',
})

function told(backlog: Backlog, most = Infinity, jobs: ReadonlySet<string> = new Set(['a', 'b'])): string[] {
  const stateOf = (jobId: string) => (jobs.has(jobId) ? liveState(jobId, 'vm1') : undefined)
  const lines: string[] = []
  for (let isLast = false; !isLast && lines.length < most;) {
    const next = backlog.next({ topic: 'jobs', epoch: EPOCH, newest: 9, stateOf })
    const { frame } = next
    isLast = next.isLast
    if (frame.type === 'event') lines.push(`${frame.event} ${frame.job_id}`)
    else lines.push(`state of ${frame.jobs.map(({ job_id }) => job_id).join(', ')}`)
  }
  return lines
}

t.test(
  '[WS-4] a job that went, came back and went is told gone once; back again after half of that, it stays',
  async (t) => {
    const backlog = new Backlog(3, 10)
    t.equal(backlog.add(event('completed', 'a')), 0)
    t.equal(backlog.add(event('removed', 'a')), 0)
    t.equal(backlog.add(event('started', 'a')), 1, 'it left and came within one window: no state was sent between')
    t.equal(backlog.add(event('removed', 'a')), 1, 'the first removal is left out, and counted')
    t.same(told(backlog, 2), ['completed a', 'removed a'])
    backlog.add(delta('a'))
    t.same(told(backlog), ['state of a'])
  },
)

t.test('[WS-4] a job that came back is told by its state alone', async (t) => {
  const backlog = new Backlog(3, 10)
  backlog.add(event('removed', 'a'))
  t.equal(backlog.add(delta('a')), 1)
  t.same(told(backlog), ['state of a'])
})

t.test('[WS-4] each end comes after the state that it ends in', async (t) => {
  const backlog = new Backlog(3, 10)
  for (const jobId of ['a', 'b']) backlog.add(delta(jobId))
  backlog.add(event('failed', 'b'))
  t.same(told(backlog), ['state of b', 'failed b', 'state of a'])
})
