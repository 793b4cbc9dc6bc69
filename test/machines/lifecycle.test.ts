import fc from 'fast-check'
import t from 'tap'
import { createActor } from 'xstate'
import {
  isBackward,
  lifecycleMachine,
  LIFECYCLE_STATES,
  nextState,
  nextStatus,
  statusOfState,
} from '../../src/machines/lifecycle.ts'
import { isTerminal, JOB_STATUSES, STATUS_RANK, type JobStatus } from '../../src/model/words.ts'

t.test('[STAT-2] forward only, for every pair of statuses', async (t) => {
  for (const from of JOB_STATUSES) {
    for (const saw of JOB_STATUSES) {
      const next = nextStatus(from, saw)
      const forward = !isTerminal(from) && STATUS_RANK[saw] >= STATUS_RANK[from]
      t.equal(next, forward ? saw : from, `${from} saw ${saw}`)
      if (isBackward(from, saw)) t.equal(next, from)
    }
  }
})

t.test('[STAT-2] terminal is final, whatever the VMA goes on to say', async () => {
  const status = fc.constantFrom(...JOB_STATUSES)
  fc.assert(
    fc.property(fc.array(status), (said) => {
      let now: JobStatus = 'pending'
      let end: JobStatus | undefined
      for (const saw of said) {
        const next = nextStatus(now, saw)
        if (STATUS_RANK[next] < STATUS_RANK[now] || (end !== undefined && next !== end)) return false
        if (isTerminal(next)) end = next
        now = next
      }
      return true
    }),
  )
})

t.test('[STAT-3] what is remembered is what the machine itself does', async (t) => {
  const actor = createActor(lifecycleMachine).start()
  let state = nextState('pending', 'saw.pending')
  for (const event of [
    'saw.preparing',
    'saw.replicating',
    'saw.queued',
    'contact.lost',
    'saw.running',
    'revive.replicating',
    'saw.completed',
  ] as const) {
    actor.send({ type: event })
    state = nextState(state, event)
    t.equal(state, actor.getSnapshot().value, event)
  }
  t.equal(state, 'completed')
})

t.test('[STAT-2] only a job lost for want of contact can come back', async (t) => {
  for (const state of LIFECYCLE_STATES) {
    const back = nextState(state, 'revive.replicating')
    t.equal(back, state === 'lost' ? 'replicating' : state, state)
  }
  t.equal(statusOfState('lost'), 'failed')
})
