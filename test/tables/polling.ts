/** What the polling machine does with every event in every state: total by type, so a new state or event must be answered. */

import type { PollingState } from '../../src/machines/polling.ts'

/** The events as the table tells them apart, guards included. */
export type PollingCase =
  | 'due'
  | 'sample'
  | 'terminal sample'
  | 'error'
  | 'error in grace'
  | 'last error'
  | 'error past the contact timeout'
  | 'third miss near the end'
  | 'POLL_NOW'
  | 'PAUSE'
  | 'VMA_DOWN'
  | 'VMA_UP'
  | 'STOP'

export const POLLING_TABLE: Record<PollingState, Record<PollingCase, PollingState>> = {
  waiting: {
    due: 'polling',
    sample: 'waiting',
    'terminal sample': 'finished',
    error: 'waiting',
    'error in grace': 'waiting',
    'last error': 'waiting',
    'error past the contact timeout': 'waiting',
    'third miss near the end': 'waiting',
    POLL_NOW: 'polling',
    PAUSE: 'paused',
    VMA_DOWN: 'held',
    VMA_UP: 'waiting',
    STOP: 'stopped',
  },
  polling: {
    due: 'polling',
    sample: 'waiting',
    'terminal sample': 'finished',
    error: 'backingOff',
    'error in grace': 'waiting',
    'last error': 'suspended',
    'error past the contact timeout': 'lost',
    'third miss near the end': 'finished',
    POLL_NOW: 'polling',
    PAUSE: 'paused',
    VMA_DOWN: 'held',
    VMA_UP: 'polling',
    STOP: 'stopped',
  },
  backingOff: {
    due: 'polling',
    sample: 'waiting',
    'terminal sample': 'finished',
    error: 'backingOff',
    'error in grace': 'backingOff',
    'last error': 'backingOff',
    'error past the contact timeout': 'backingOff',
    'third miss near the end': 'backingOff',
    POLL_NOW: 'polling',
    PAUSE: 'paused',
    VMA_DOWN: 'held',
    VMA_UP: 'backingOff',
    STOP: 'stopped',
  },
  suspended: {
    due: 'polling',
    sample: 'waiting',
    'terminal sample': 'finished',
    error: 'suspended',
    'error in grace': 'suspended',
    'last error': 'suspended',
    'error past the contact timeout': 'suspended',
    'third miss near the end': 'suspended',
    POLL_NOW: 'polling',
    PAUSE: 'paused',
    VMA_DOWN: 'held',
    VMA_UP: 'suspended',
    STOP: 'stopped',
  },
  paused: {
    due: 'paused',
    sample: 'paused',
    'terminal sample': 'finished',
    error: 'paused',
    'error in grace': 'paused',
    'last error': 'paused',
    'error past the contact timeout': 'paused',
    'third miss near the end': 'paused',
    POLL_NOW: 'polling',
    PAUSE: 'paused',
    VMA_DOWN: 'paused',
    VMA_UP: 'paused',
    STOP: 'stopped',
  },
  held: {
    due: 'lost',
    sample: 'waiting',
    'terminal sample': 'finished',
    error: 'held',
    'error in grace': 'held',
    'last error': 'held',
    'error past the contact timeout': 'held',
    'third miss near the end': 'held',
    POLL_NOW: 'held',
    PAUSE: 'paused',
    VMA_DOWN: 'held',
    VMA_UP: 'waiting',
    STOP: 'stopped',
  },
  finished: ended('finished'),
  lost: ended('lost'),
  stopped: ended('stopped'),
}

/** The end is the end, whatever comes. */
function ended(state: PollingState): Record<PollingCase, PollingState> {
  return {
    due: state,
    sample: state,
    'terminal sample': state,
    error: state,
    'error in grace': state,
    'last error': state,
    'error past the contact timeout': state,
    'third miss near the end': state,
    POLL_NOW: state,
    PAUSE: state,
    VMA_DOWN: state,
    VMA_UP: state,
    STOP: state,
  }
}
