/** The three ways to show a watch: live on a terminal, lines, JSON. */

import type { ConnectionState, LiveJob, TopicUpdate } from '../../client/index.ts'
import type { Outcome } from './outcome.ts'

export interface Show {
  connection(state: ConnectionState): void
  update(update: TopicUpdate): void
  /** The last word. */
  close(outcome: Outcome): void
}

/** What there is to see. */
export interface Scene {
  readonly jobs: ReadonlyMap<string, LiveJob>
  readonly isLive: boolean
  readonly state: ConnectionState
  /** Seconds since everything was heard; 0 while it is. */
  readonly staleFor: number
  /** Seconds to add to a job's ages. */
  agedBy(jobId: string): number
}

export function stateText(state: ConnectionState): string {
  switch (state.name) {
    case 'live':
    case 'connecting':
    case 'closed':
      return state.name
    case 'idle':
      return 'connecting'
    case 'reconnecting':
      return `reconnecting (${state.reason})`
    case 'unauthorized':
      return 'the token is refused'
  }
}
