/** AsyncAPI 3.0 of the stream (API-5, WS-1): its frames as the schemas that the server itself checks and builds them by. */

import type { TSchema } from 'typebox'
import type { ServiceInfo } from './openapi.ts'
import * as frames from './stream/frames.ts'

type Json = Readonly<Record<string, unknown>>

const FROM_CLIENT: Readonly<Record<string, TSchema>> = {
  subscribe: frames.SubscribeSchema,
  unsubscribe: frames.UnsubscribeSchema,
  ping: frames.PingSchema,
}
const FROM_SERVER: Readonly<Record<string, TSchema>> = {
  snapshot: frames.SnapshotSchema,
  delta: frames.DeltaSchema,
  event: frames.EventSchema,
  error: frames.ErrorSchema,
  pong: frames.PongSchema,
}

export function asyncApiOf(info: ServiceInfo): Json {
  const all = { ...FROM_CLIENT, ...FROM_SERVER }
  return {
    asyncapi: '3.0.0',
    info,
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: '/api/v1/stream',
        description:
          'A websocket. Subprotocols sightline.v1.json (text messages) and sightline.v1.msgpack (binary ones) carry the same frames. A bearer token comes by header, by the subprotocol sightline.bearer.<token>, or as a one-time ?ticket=. Close codes: 1001 the service goes, 1008 too many frames that were not understood, 1011 a fault of ours, 4401 the token has expired, 4408 too slow.',
        messages: Object.fromEntries(Object.keys(all).map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      receiveFromClient: operation('receive', FROM_CLIENT),
      sendToClient: operation('send', FROM_SERVER),
    },
    components: {
      messages: Object.fromEntries(Object.entries(all).map(([name, payload]) => [name, { name, payload }])),
    },
  }
}

function operation(action: 'send' | 'receive', messages: Readonly<Record<string, TSchema>>): Json {
  return {
    action,
    channel: { $ref: '#/channels/stream' },
    messages: Object.keys(messages).map((name) => ({ $ref: `#/channels/stream/messages/${name}` })),
  }
}
