/** What a VMA's circuit does with every event in every state: total by type. */

import type { CircuitState } from '../../src/machines/circuit.ts'

export type CircuitCase = 'DOUBT' | 'ANSWER' | 'PROBE_FAILED' | 'time passes' | 'STOP'
type Told = 'probe' | 'acquit' | 'hold' | 'resume'

export interface CircuitExpected {
  readonly to: CircuitState
  readonly told: readonly Told[]
}

const stays = (to: CircuitState): CircuitExpected => ({ to, told: [] })

export const CIRCUIT_TABLE: Record<CircuitState, Record<CircuitCase, CircuitExpected>> = {
  closed: {
    DOUBT: { to: 'checking', told: ['probe'] },
    ANSWER: stays('closed'),
    PROBE_FAILED: stays('closed'),
    'time passes': stays('closed'),
    STOP: stays('stopped'),
  },
  checking: {
    DOUBT: stays('checking'),
    ANSWER: { to: 'closed', told: ['acquit'] },
    PROBE_FAILED: { to: 'open', told: ['hold'] },
    'time passes': stays('checking'),
    STOP: stays('stopped'),
  },
  open: {
    DOUBT: stays('open'),
    ANSWER: { to: 'closed', told: ['resume'] },
    PROBE_FAILED: stays('open'),
    'time passes': { to: 'probing', told: ['probe'] },
    STOP: stays('stopped'),
  },
  probing: {
    DOUBT: stays('probing'),
    ANSWER: { to: 'closed', told: ['resume'] },
    PROBE_FAILED: stays('open'),
    'time passes': stays('probing'),
    STOP: stays('stopped'),
  },
  stopped: {
    DOUBT: stays('stopped'),
    ANSWER: stays('stopped'),
    PROBE_FAILED: stays('stopped'),
    'time passes': stays('stopped'),
    STOP: stays('stopped'),
  },
}
