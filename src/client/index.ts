/** `sightline/client`: everything a program or page needs to follow migrations. */

export { SightlineClient, type ClientOptions } from './client.ts'
export type { ConnectionState } from './link.ts'
export type { TopicUpdate } from './mirror.ts'
export { messagePackCodec, type Codec, type EventFrame, type LiveJob, type Position, type Topic } from './protocol.ts'
export {
  ApiError,
  isRefusal,
  type JobLogQuery,
  type LiveJobList,
  type OrderAnswer,
  type Rest,
  type VmContextDetail,
  type VmContextList,
} from './rest.ts'
export type { JobLogJson as JobLogAnswer } from '../model/wire/job-log.ts'
export type { TopicView, Unlisten, UpdateListener } from './topic-view.ts'
