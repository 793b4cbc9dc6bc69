import t from 'tap'
import { LogQueue } from '../../src/actors/log-queue.ts'
import type { JobLogRows, LogLevel } from '../../src/model/job-log-rows.ts'
import { event, step, tracking } from '../support/job-log.ts'

const LIMIT = 10_000

function events(level: LogLevel, from: number, count: number): JobLogRows {
  const made = Array.from({ length: count }, (_, i) => event({ level, message: `${level} ${from + i}` }))
  return { tracking: [], steps: [], events: made }
}

/** Everything that is left, in the order in which it would be written. */
function drain(queue: LogQueue): readonly string[] {
  const all: string[] = []
  while (queue.size > 0) all.push(...queue.take().events.map((e) => e.message))
  return all
}

t.test('[LOG-1] past the limit the oldest debug goes first, then the oldest info, and each is counted', async (t) => {
  const queue = new LogQueue()
  queue.add(events('ERROR', 0, 1))
  queue.add(events('INFO', 0, LIMIT - 3))
  queue.add(events('DEBUG', 0, 2))
  t.equal(queue.dropped, 0)
  queue.add(events('INFO', LIMIT, 1))
  queue.add(events('WARN', 0, 1))
  t.equal(queue.dropped, 2)
  queue.add(events('WARN', 1, 1))
  queue.add(events('DEBUG', 9, 1))
  t.equal(queue.dropped, 4, 'a debug line does not push out an info')
  t.equal(queue.size, LIMIT)
  const left = drain(queue)
  t.equal(left.length, LIMIT)
  t.same(left.slice(0, 2), ['ERROR 0', 'INFO 1'])
  t.same(left.slice(-3), [`INFO ${LIMIT}`, 'WARN 0', 'WARN 1'])
  t.notOk(left.some((message) => message.startsWith('DEBUG')))
})

t.test('[LOG-1] with nothing else left even errors are bounded, the oldest goes', async (t) => {
  const queue = new LogQueue()
  queue.add(events('ERROR', 0, LIMIT + 5))
  t.equal(queue.dropped, 5)
  t.equal(queue.size, LIMIT)
  t.equal(drain(queue)[0], 'ERROR 5')
})

t.test('[LOG-1] rows of jobs and steps are conflated to the newest and leave before what refers to them', async (t) => {
  const queue = new LogQueue()
  const ids = Array.from({ length: 1_500 }, (_, i) => ({ trackingId: `t-${i}`, jobId: `job-${i}` }))
  for (const id of ids) queue.add({ tracking: [tracking(id)], steps: [step(id)], events: [event(id)] })
  queue.add({ tracking: [tracking({ ...ids[3], percent: 99 })], steps: [], events: [] })
  t.equal(queue.size, 4_500)
  const known = new Set<string>()
  const opened = new Set<string>()
  while (queue.size > 0) {
    const some = queue.take()
    for (const row of some.tracking) known.add(row.trackingId)
    for (const row of some.steps) opened.add(row.trackingId)
    t.ok(some.steps.every((row) => known.has(row.trackingId)))
    t.ok(some.events.every((row) => opened.has(row.trackingId)))
    t.ok(some.tracking.length <= 1_000 && some.steps.length <= 1_000 && some.events.length <= 1_000)
    if (some.tracking.length > 3 && some.tracking[3]?.trackingId === 't-3') t.equal(some.tracking[3].percent, 99)
  }
  t.equal(opened.size, 1_500)
})
