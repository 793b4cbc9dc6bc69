/** What one topic looks like by the frames heard so far. */

import t from 'tap'
import { backoffMs } from '../../src/client/backoff.ts'
import { TopicMirror } from '../../src/client/mirror.ts'
import type { TopicFrame } from '../../src/client/protocol.ts'
import { liveState } from '../support/stream.ts'

const head = { topic: 'jobs', epoch: 'e' }
const snapshot = (seq: number, ...ids: string[]): TopicFrame => ({
  ...head,
  type: 'snapshot',
  seq,
  jobs: ids.map((id) => liveState(id, 'vm1')),
})
const delta = (seq: number, change: { job_id: string }, from?: number): TopicFrame => ({
  ...head,
  type: 'delta',
  seq,
  jobs: [change],
  ...(from === undefined ? {} : { from }),
})

t.test('[CLIENT-1] a frame that does not follow is a gap, and nothing is merged until the next snapshot', async (t) => {
  const mirror = new TopicMirror()
  t.equal(mirror.hear(delta(4, { job_id: 'a' }), 0), undefined, 'the tail of a former subscription')
  mirror.hear(snapshot(4, 'a'), 0)
  t.equal(mirror.hear(delta(6, { job_id: 'a' }), 0), 'gap')
  t.equal(mirror.position, undefined)
  t.equal(mirror.hear(delta(7, { job_id: 'a' }), 0), undefined)
  mirror.hear(snapshot(9, 'a'), 0)
  t.equal(mirror.hear({ ...delta(10, { job_id: 'a' }), epoch: 'another' }, 0), 'gap')
  mirror.hear(snapshot(9, 'a'), 0)
  t.equal(mirror.hear(delta(9, { job_id: 'a' }, 8), 0), 'gap', 'a collapse from elsewhere')
})

t.test(
  '[CLIENT-1] within a collapse the states are true as they come, and it is told that more is to come',
  async (t) => {
    const mirror = new TopicMirror()
    mirror.hear(snapshot(4, 'a', 'b'), 0)
    mirror.hear(delta(4, liveState('a', 'vm1', { bytes_transferred: 5 }), 4), 0)
    t.equal(mirror.isBehind, true)
    t.match(mirror.position, { epoch: 'e', seq: 4 })
    mirror.hear(delta(19, liveState('b', 'vm1', { bytes_transferred: 7 }), 4), 0)
    t.equal(mirror.isBehind, false)
    t.match(mirror.position, { epoch: 'e', seq: 19 })
    t.match([mirror.jobs.get('a')?.bytes_transferred, mirror.jobs.get('b')?.bytes_transferred], [5, 7])
  },
)

t.test(
  '[CLIENT-1] a held state is never changed: a new one takes its place, and its ages count from then',
  async (t) => {
    const mirror = new TopicMirror()
    mirror.hear(snapshot(1, 'a', 'b'), 1_000)
    const before = mirror.jobs.get('a')
    mirror.hear(
      {
        ...delta(2, { job_id: 'a' }),
        jobs: [{ job_id: 'a', progress_percent: 50 } as { job_id: string }],
      } as TopicFrame,
      6_000,
    )
    t.match(before, { progress_percent: 0 })
    t.match(mirror.jobs.get('a'), { progress_percent: 50, vm_name: 'vm1' })
    t.equal(mirror.heardAt('a'), 6_000)
    t.equal(mirror.heardAt('b'), 1_000)
  },
)

t.test('waits grow from half a second to fifteen, half of it by chance', async (t) => {
  t.same(
    [1, 2, 3, 4, 5, 6, 7, 1_000].map((attempt) => backoffMs(attempt, 1)),
    [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000],
  )
  t.equal(backoffMs(3, 0), 1_000)
})
