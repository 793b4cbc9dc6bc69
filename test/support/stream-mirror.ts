/** What a client that trusts nothing makes of the frames it gets. */

import type { EventFrame, Position, TopicFrame } from '../../src/http/stream/frames.ts'

/** What a client holds of one topic. */
export interface Held {
  position: Position | undefined
  jobs: Map<string, Record<string, unknown>>
  events: EventFrame[]
  snapshots: number
  collapses: number
}

/** Throws when the frame can't follow what was heard before. */
export function hear(topics: Map<string, Held>, frame: TopicFrame): void {
  let held = topics.get(frame.topic)
  if (held === undefined) {
    if (frame.type !== 'snapshot') return
    held = { position: undefined, jobs: new Map(), events: [], snapshots: 0, collapses: 0 }
    topics.set(frame.topic, held)
  }
  if (frame.type === 'snapshot') {
    held.jobs = new Map(frame.jobs.map((job) => [job.job_id, { ...job }]))
    held.snapshots += 1
  } else {
    requireNext(held, frame)
    if (frame.type === 'delta') for (const job of frame.jobs) merge(held.jobs, job)
    else hearEvent(held, frame)
  }
  held.position = { epoch: frame.epoch, seq: frame.seq }
}

/** Nothing twice, nothing skipped; a collapse says what it stands for. */
function requireNext(held: Held, frame: Exclude<TopicFrame, { type: 'snapshot' }>): void {
  const last = held.position?.seq
  if (last === undefined) throw new Error(`a ${frame.type} of ${frame.topic} before its snapshot`)
  if (frame.from === undefined) {
    if (frame.seq !== last + 1) throw new Error(`${frame.topic}: seq ${frame.seq} after ${last}`)
    return
  }
  held.collapses += 1
  if (frame.from !== last || frame.seq < last) {
    throw new Error(`${frame.topic}: a collapse from ${frame.from} to ${frame.seq} after ${last}`)
  }
}

function merge(jobs: Map<string, Record<string, unknown>>, delta: { readonly job_id: string }): void {
  jobs.set(delta.job_id, { ...jobs.get(delta.job_id), ...delta })
}

function hearEvent(held: Held, frame: EventFrame): void {
  held.events.push(frame)
  if (frame.event === 'removed') held.jobs.delete(frame.job_id)
}
