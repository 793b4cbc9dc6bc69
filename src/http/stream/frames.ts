/** Every frame of the stream as a schema (WS-1), for validation and for the description of the API. */

import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { describeFaults } from '../../model/wire/faults.ts'
import { MAX_TOPIC_LENGTH } from './topics.ts'

/** More could be asked for one by one; a frame is at most 64 KiB anyway. */
const MAX_TOPICS_IN_FRAME = 256

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const Topics = Type.Array(Type.String({ minLength: 1, maxLength: MAX_TOPIC_LENGTH }), {
  minItems: 1,
  maxItems: MAX_TOPICS_IN_FRAME,
  description: 'jobs, job:<id> or vm:<name>',
})

const PositionSchema = Type.Object(
  { epoch: Type.String({ maxLength: 64 }), seq: Seq },
  { description: 'epoch and seq of the last frame seen of the topic, or of GET /api/v1/progress for the topic jobs' },
)
export type Position = Static<typeof PositionSchema>

export const SubscribeSchema = Type.Object(
  {
    type: Type.Literal('subscribe'),
    topics: Topics,
    since: Type.Optional(Type.Union([PositionSchema, Type.Null()])),
  },
  {
    description:
      'Answered by a snapshot of each topic, then by what changes. With `since` the answer is exactly the frames after it while they are kept, else a snapshot. Each topic counts its own seq: resume each with a frame of its own. Subscribing again starts anew.',
  },
)

export const UnsubscribeSchema = Type.Object({ type: Type.Literal('unsubscribe'), topics: Topics })
export const PingSchema = Type.Object({ type: Type.Literal('ping') }, { description: 'Answered by a pong.' })

const position = {
  topic: Type.String(),
  epoch: Type.String({ description: 'One life of the service; a new one counts anew.' }),
  seq: Type.Integer({ minimum: 0, description: 'Grows by one per frame of the topic, unless the frame has `from`.' }),
}
const from = Type.Optional(
  Type.Integer({
    minimum: 0,
    description:
      'Only in what a client gets that was too slow: the frames after `from` are collapsed. Such a delta holds whole newest states; of events only completed, failed and removed are kept. While more of the collapse follows, seq stays `from`; its last frame is a delta with the newest seq. So `since` with the last seq seen is right at any time.',
  }),
)
const partialJob = Type.Object(
  { job_id: Type.String() },
  {
    additionalProperties: true,
    description:
      'The fields that changed, absolute values; `disks` and other nested values whole. A job that was not there comes whole. null may also mean that a field is gone. A change of nothing but *_age_seconds is no change.',
  },
)

export const SnapshotSchema = Type.Object(
  {
    type: Type.Literal('snapshot'),
    ...position,
    jobs: Type.Array(
      Type.Object(
        { job_id: Type.String() },
        { additionalProperties: true, description: 'A live state as GET /api/v1/progress/{jobId} gives it' },
      ),
    ),
  },
  { description: 'All of the topic. Replaces what the client has of it; the deltas go on from its seq.' },
)

export const DeltaSchema = Type.Object(
  { type: Type.Literal('delta'), ...position, from, jobs: Type.Array(partialJob) },
  { description: 'What changed within about 100 ms. Comes before the events of the same changes.' },
)

export const EventSchema = Type.Object(
  {
    type: Type.Literal('event'),
    ...position,
    from,
    event: Type.Union(
      [
        Type.Literal('started'),
        Type.Literal('stage'),
        Type.Literal('completed'),
        Type.Literal('failed'),
        Type.Literal('stalled'),
        Type.Literal('resumed'),
        Type.Literal('removed'),
      ],
      { description: 'stage: status or stage moved on; removed: the job left the live state, forget it.' },
    ),
    job_id: Type.String(),
    vm_name: Type.String(),
    at: Type.String({ format: 'date-time' }),
    status: Type.Optional(Type.String()),
    current_operation: Type.Optional(Type.String()),
    error_message: Type.Optional(Type.String({ description: 'failed only' })),
  },
  { description: 'Something happened to a job. The state after it has been sent already, by snapshot or delta.' },
)

export const ErrorSchema = Type.Object(
  { type: Type.Literal('error'), error: Type.String(), details: Type.Optional(Type.String()) },
  { description: 'The client’s frame was not understood and changed nothing. After 10 of them the connection closes.' },
)
export const PongSchema = Type.Object({ type: Type.Literal('pong') })

export type SubscribeFrame = Static<typeof SubscribeSchema>
export type ClientFrame = SubscribeFrame | Static<typeof UnsubscribeSchema> | Static<typeof PingSchema>
export type SnapshotFrame = Static<typeof SnapshotSchema>
export type DeltaFrame = Static<typeof DeltaSchema>
export type EventFrame = Static<typeof EventSchema>
export type EventName = EventFrame['event']
/** Frames that a topic counts. */
export type TopicFrame = SnapshotFrame | DeltaFrame | EventFrame
export type ReplyFrame = Static<typeof ErrorSchema> | Static<typeof PongSchema>
export type ServerFrame = TopicFrame | ReplyFrame

const subscribe = Compile(SubscribeSchema)
const unsubscribe = Compile(UnsubscribeSchema)
const PING: ClientFrame = { type: 'ping' }

/** A client's frame, or a sentence about what is wrong with it. Unknown fields are ignored. */
export function parseClientFrame(value: unknown): ClientFrame | string {
  const type: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (type === 'ping') return PING
  if (type === 'subscribe') return subscribe.Check(value) ? value : describeFaults(subscribe.Errors(value))
  if (type === 'unsubscribe') return unsubscribe.Check(value) ? value : describeFaults(unsubscribe.Errors(value))
  return 'type must be subscribe, unsubscribe or ping'
}
