/**
 * The least that a job can be as an actor: an XState root of its own that waits, asks and waits again, with what the
 * documents' GUI shows in its context. No verdict, ETA, history, log or stream.
 */

import { createActor, setup } from 'xstate'
import { obey, settledMemory } from '../support/parent.ts'

export type ActorsQuestion = { readonly ask: 'start'; readonly jobs: number } | { readonly ask: 'memory' }

const LONG_MS = 3_600_000

const machine = setup({
  types: {
    context: {} as { readonly jobId: string; readonly bytes: number; readonly percent: number; readonly stage: string },
    input: {} as string,
    events: {} as { type: 'ANSWER' } | { type: 'STOP' },
  },
  delays: { interval: LONG_MS },
}).createMachine({
  context: ({ input }) => ({ jobId: input, bytes: 0, percent: 0, stage: 'Transfer' }),
  initial: 'waiting',
  states: {
    waiting: { after: { interval: 'polling' }, on: { STOP: 'over' } },
    polling: { on: { ANSWER: 'waiting', STOP: 'over' } },
    over: { type: 'final' },
  },
})
const actors: unknown[] = []

obey((question: ActorsQuestion) => {
  if (question.ask === 'memory') return settledMemory()
  for (let job = 0; job < question.jobs; job += 1) {
    const actor = createActor(machine, { input: `job-20250905-${String(job).padStart(6, '0')}` })
    actor.start()
    actors.push(actor)
  }
  return actors.length
})
