/** `for await` with a bound. */

import t from 'tap'
import type { TopicUpdate } from '../../src/client/mirror.ts'
import type { EventName } from '../../src/client/protocol.ts'
import { Updates } from '../../src/client/updates.ts'
import { liveState } from '../support/stream.ts'

const state = liveState('a', 'vm1')
const delta: TopicUpdate = { type: 'delta', jobs: [state], changes: [{ job_id: 'a' }] }
const event = (name: EventName): TopicUpdate => ({
  type: 'event',
  event: { type: 'event', topic: 'jobs', epoch: 'e', seq: 1, event: name, job_id: 'a', vm_name: 'vm1', at: '' },
  job: state,
})
const nameOf = ({ value }: IteratorResult<TopicUpdate, void>): string =>
  value === undefined ? 'end' : value.type === 'event' ? value.event.event : value.type

t.test('[CLIENT-1] a reader that keeps up gets every update in order', async (t) => {
  const updates = new Updates(
    2,
    () => [],
    () => undefined,
  )
  const waiting = updates.next()
  for (const update of [delta, event('stage'), event('completed')]) updates.push(update)
  updates.end()
  const heard = [await waiting, await updates.next(), await updates.next(), await updates.next()]
  t.same(heard.map(nameOf), ['delta', 'stage', 'completed', 'end'])
})

t.test('[CLIENT-1] one that lags gets the newest states, then every end, and how much was left out', async (t) => {
  let jobs = [state]
  const updates = new Updates(
    2,
    () => jobs,
    () => undefined,
  )
  for (const name of ['stage', 'completed', 'removed', 'failed'] as const) {
    updates.push(delta)
    updates.push(event(name))
  }
  jobs = [liveState('a', 'vm1', { progress_percent: 99 })]
  t.match(await updates.next(), { value: { type: 'snapshot', leftOut: 6, jobs: [{ progress_percent: 99 }] } })
  t.same([nameOf(await updates.next()), nameOf(await updates.next())], ['completed', 'failed'])
  updates.push(delta)
  t.equal(nameOf(await updates.next()), 'delta')
})

t.test('[CLIENT-1] leaving the loop ends the reading', async (t) => {
  let ended = 0
  const updates = new Updates(
    2,
    () => [],
    () => void (ended += 1),
  )
  updates.push(delta)
  for await (const _ of updates) break
  t.equal(ended, 1)
  updates.push(delta)
  t.equal(nameOf(await updates.next()), 'end')
})
