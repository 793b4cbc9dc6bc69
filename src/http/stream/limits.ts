/** Every bound of the stream in one place. */

export interface LogLimits {
  readonly frames: number
  readonly bytes: number
}

export interface StreamLimits {
  /** Changes are gathered for this long, then encoded once (WS-3). */
  readonly gatherMs: number
  readonly maxClients: number
  readonly maxTopicsPerClient: number
  /** Topics that are followed at one time, by clients or for a client's return. */
  readonly maxTopics: number
  /** Bytes that may wait for a client; past it, its deltas collapse (WS-4). */
  readonly budgetBytes: number
  /** A client that is behind gets nothing until no more than this waits for it. */
  readonly resumeBytes: number
  /** A client that is behind has to take `minDrainBytes` in every `drainMs`. */
  readonly drainMs: number
  readonly minDrainBytes: number
  /** Ends (completed, failed, removed) that are kept for a client that is behind, per topic. */
  readonly maxHeldEvents: number
  /** A topic goes on without clients for this long, so that one who returns gets what it missed. */
  readonly lingerMs: number
  /** Recent frames kept of the topic `jobs`, and of any other topic. */
  readonly jobsLog: LogLimits
  readonly otherLog: LogLimits
  /** Jobs in one delta: a frame stays well under the budget. */
  readonly jobsPerDelta: number
  /** Between two signs of life to a client of the SSE fallback. */
  readonly keepAliveMs: number
}

const KIB = 1_024
const MIB = 1_024 * KIB

export const STREAM_LIMITS: StreamLimits = {
  gatherMs: 100,
  maxClients: 5_000,
  maxTopicsPerClient: 256,
  maxTopics: 20_000,
  budgetBytes: MIB,
  resumeBytes: 256 * KIB,
  drainMs: 30_000,
  minDrainBytes: 64 * KIB,
  maxHeldEvents: 10_000,
  lingerMs: 60_000,
  jobsLog: { frames: 2_048, bytes: 8 * MIB },
  otherLog: { frames: 256, bytes: 256 * KIB },
  jobsPerDelta: 200,
  keepAliveMs: 15_000,
}
