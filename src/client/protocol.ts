/** What goes over the wire, and how a frame becomes bytes (docs/stream.md). */

import type {
  ClientFrame,
  DeltaFrame,
  EventFrame,
  EventName,
  Position,
  ServerFrame,
  SnapshotFrame,
  TopicFrame,
} from '../http/stream/frames.ts'
import type { LiveJobJson } from '../model/wire/live-job.ts'

export type { ClientFrame, DeltaFrame, EventFrame, EventName, Position, ServerFrame, SnapshotFrame, TopicFrame }
/** One job as the stream tells it: the document of `GET /api/v1/progress/{jobId}`. */
export type LiveJob = LiveJobJson
export type Topic = 'jobs' | `job:${string}` | `vm:${string}`

export interface Codec {
  /** The subprotocol that asks for it. */
  readonly protocol: string
  readonly encode: (frame: ClientFrame) => string | Uint8Array<ArrayBuffer>
  /** Throws on what is no frame. */
  readonly decode: (data: unknown) => ServerFrame
}

export const JSON_CODEC: Codec = {
  protocol: 'sightline.v1.json',
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => JSON.parse(String(data)) as ServerFrame,
}

/** msgpackr, or another library with these two calls. It is handed in, so that who wants JSON does not load it. */
export interface MessagePack {
  readonly pack: (value: unknown) => Uint8Array
  readonly unpack: (bytes: Uint8Array) => unknown
}

/** About a sixth fewer bytes than JSON for the same frames: most of both are names of fields (docs/performance.md). */
export function messagePackCodec({ pack, unpack }: MessagePack): Codec {
  return {
    protocol: 'sightline.v1.msgpack',
    encode: (frame) => Uint8Array.from(pack(frame)),
    decode: (data) => unpack(new Uint8Array(data as ArrayBuffer)) as ServerFrame,
  }
}
