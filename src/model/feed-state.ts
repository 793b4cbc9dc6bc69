/** How a VMA's change feed stands (POLL-10), as a fetch thread knows it and `GET /api/v1/vma-polling/status` tells it. */

export const FEED_STATES = ['starting', 'following', 'absent', 'broken'] as const

/**
 * `starting`: nothing was heard of it yet, or a full listing is under way. `following`: polls are answered by what it told.
 * `absent`: the VMA has none. `broken`: it failed and is tried again. In all but `following` jobs are polled one by one.
 */
export type FeedState = (typeof FEED_STATES)[number]

/** Of one VMA over all threads: the one that needs a look most. `off`: the settings say so. */
export function feedOver(states: readonly FeedState[]): FeedState | 'off' {
  return WORST_FIRST.find((state) => states.includes(state)) ?? 'off'
}

const WORST_FIRST = ['broken', 'absent', 'starting', 'following'] as const
