import fc from 'fast-check'
import t from 'tap'
import { logChange, type Logged, type LogSubject } from '../../src/model/job-log.ts'
import { isQuiet, resumedLog, type JobLogState, type JobMoment, type LogChange } from '../../src/model/job-log-state.ts'
import type { JobLogStanding } from '../../src/model/job-log-rows.ts'
import { JOB_STATUSES } from '../../src/model/words.ts'

const SUBJECT: LogSubject = { trackingId: 'track-1', jobId: 'job-1', vmContextId: 'ctx-1', vmName: 'vm-1' }

function moment(fields: Partial<JobMoment> = {}): JobMoment {
  return {
    at: 1_000,
    status: 'replicating',
    stage: 'Transfer',
    percent: 0,
    bytes: 0,
    totalBytes: 100,
    speedBps: 7,
    startedAt: null,
    runs: [],
    ...fields,
  }
}

/** Changes one after the other; `tell` answers what the last one wrote. */
function log(state?: JobLogState) {
  let last = state
  const tell = (change: LogChange): Logged => {
    const logged = logChange(SUBJECT, last, change)
    last = logged.state
    return logged
  }
  return {
    tell,
    adopt: (fields: Partial<JobMoment> = {}) => tell({ kind: 'adopted', now: moment(fields) }),
    move: (fields: Partial<JobMoment> = {}) => tell({ kind: 'moved', now: moment(fields) }),
    end: (fields: Partial<JobMoment>, error = '') => tell({ kind: 'ended', now: moment(fields), error }),
    state: () => last,
  }
}

const messages = ({ events }: Logged): readonly string[] => events.map((e) => `${e.level} ${e.message}`)

t.test('[LOG-1] a job from its adoption to its end', async (t) => {
  const { adopt, move, end } = log()
  const first = adopt({ status: 'pending', stage: '' })
  t.same(messages(first), ['INFO Starting progress polling for replication job'])
  t.match(first.tracking, [{ trackingId: 'track-1', status: 'pending', percent: 0, startedAt: null }])
  t.same(first.steps, [])

  const set = move({ at: 2_000, status: 'snapshotting', stage: 'Snapshot' })
  t.same(messages(set), ['INFO Job moved from pending to snapshotting', 'INFO Stage Snapshot began'])
  t.match(set.tracking, [{ status: 'running', startedAt: 2_000, metadata: { status: 'snapshotting' } }])
  t.match(set.steps, [{ seq: 1, name: 'Snapshot', status: 'running', startedAt: 2_000, completedAt: null }])

  const transfer = move({ at: 3_000, percent: 4 })
  t.match(transfer.steps, [
    { seq: 1, name: 'Snapshot', status: 'completed', startedAt: 2_000, completedAt: 3_000 },
    { seq: 2, name: 'Transfer', status: 'running', startedAt: 3_000 },
  ])
  t.equal(transfer.events.at(-1)?.seq, 2, 'an event belongs to the step that it opens')

  t.same(messages(move({ percent: 9.99 })), [])
  const ten = move({ percent: 10, bytes: 10 })
  t.same(messages(ten), ['INFO Progress reached 10 %'])
  t.match(ten.events, [{ seq: 2, attrs: { milestone: 10, percent: 10, bytes: 10, total_bytes: 100, speed_bps: 7 } }])
  t.match(ten.tracking, [{ percent: 10 }])

  const over = end({ at: 9_000, status: 'completed', percent: 100, bytes: 100 })
  t.same(messages(over), [
    ...[20, 30, 40, 50, 60, 70, 80, 90, 100].map((m) => `INFO Progress reached ${m} %`),
    'INFO Job completed, stopping progress polling',
  ])
  t.match(over.steps, [{ seq: 2, status: 'completed', completedAt: 9_000 }])
  t.match(over.tracking, [{ status: 'completed', percent: 100, completedAt: 9_000, errorMessage: '' }])
  t.same(messages(end({ status: 'completed', percent: 100 })), [], 'an end is told once')
})

t.test('[LOG-1] a failure is an error with its reason, in the row of the job and of the step', async (t) => {
  const { adopt, end } = log()
  adopt({ percent: 42 })
  const over = end({ status: 'failed', percent: 42 }, 'VMA communication timeout exceeded (5m)')
  t.same(messages(over), ['ERROR VMA communication timeout exceeded (5m)'])
  t.match(over.events, [{ seq: 1, attrs: { from: 'replicating', status: 'failed' } }])
  t.match(over.tracking, [{ status: 'failed', percent: 42, errorMessage: /timeout exceeded/ }])
  t.match(over.steps, [{ status: 'failed', errorMessage: /timeout exceeded/ }])
})

t.test('[LOG-1] a stage that comes back opens its row again; a job that comes back runs again', async (t) => {
  const { adopt, move, end } = log()
  adopt({ stage: 'Snapshot' })
  move({ stage: 'Transfer' })
  t.match(move({ stage: 'Snapshot' }).steps, [
    { seq: 2, status: 'completed' },
    { seq: 1, name: 'Snapshot', status: 'running', completedAt: null },
  ])
  end({ stage: 'Snapshot', status: 'failed' }, 'lost')
  const back = move({ stage: 'Snapshot', status: 'replicating' })
  t.same(messages(back), ['INFO Job moved from failed to replicating', 'INFO Stage Snapshot began'])
  t.match(back.tracking, [{ status: 'running', errorMessage: '', completedAt: null }])
  t.match(back.steps, [{ seq: 1, status: 'running', completedAt: null }])
})

t.test('[LOG-1] milestones are told once a run, whatever percent does within it', async (t) => {
  const { adopt, move } = log()
  adopt({ percent: 45, runs: ['', 'a'] })
  t.same(messages(move({ percent: 12, runs: ['', 'a'] })), [], 'less than what stood is no news')
  t.same(messages(move({ percent: 50, runs: ['', ''] })), ['INFO Progress reached 50 %'])
  t.same(messages(move({ percent: 11, runs: ['', 'b'] })), ['INFO A new run began', 'INFO Progress reached 10 %'])
  t.match(move({ percent: 20, runs: ['', 'b'] }).tracking, [{ percent: 20, metadata: { runs: ['', 'b'] } }])
})

t.test('[LOG-1] poll errors: the first of a kind warns, what repeats or is expected is debug', async (t) => {
  const { adopt, move, tell } = log()
  adopt()
  const fault = (code: string, expected = false) => tell({ kind: 'fault', at: 1, code, text: 'because', expected })
  t.same(messages(fault('not_found', true)), ['DEBUG VMA poll failed: not_found'])
  t.same(messages(fault('timeout')), ['WARN VMA poll failed: timeout'])
  t.same(messages(fault('timeout')), ['DEBUG VMA poll failed: timeout'])
  t.same(messages(fault('http_5xx')), ['WARN VMA poll failed: http_5xx'])
  t.same(messages(move()), ['INFO VMA answers again'])
  t.same(messages(move()), [])
})

t.test('[LOG-1] texts are bounded and hold no secrets; odd stages do not grow the log', async (t) => {
  const { adopt, tell, move, state } = log()
  adopt()
  const attrs = { stack: `at http://u:pw@x ${'s'.repeat(20_000)}`, n: 1, nothing: null }
  const { events } = tell({
    kind: 'note',
    at: 5,
    level: 'ERROR',
    message: `mysql://u:pw@h ${'m'.repeat(5_000)}`,
    attrs,
  })
  const [told] = events
  t.equal(told?.message.length, 1_000)
  t.equal(String(told?.attrs['stack']).length, 8_000)
  t.notMatch(JSON.stringify(told), /pw@/)
  t.match(told?.attrs, { n: 1, nothing: null })
  for (let i = 0; i < 200; i += 1) move({ stage: `${i} ${'x'.repeat(300)}` })
  t.equal(state()?.steps.length, 50)
  t.ok(state()?.steps.every((name) => name.length <= 200))
  t.same(move({ stage: 'another' }).steps, [], 'past the bound there is no row')
  t.match(move({ stage: 'one more' }).events, [{ level: 'DEBUG', seq: 0 }])
})

t.test('[LOG-1] a job that is let go is closed as the database says, unless it ended here', async (t) => {
  const { adopt, tell, end } = log()
  adopt()
  const over = tell({ kind: 'released', at: 8 })
  t.match(over.tracking, [{ status: 'released', completedAt: 8 }])
  t.match(over.steps, [{ status: 'released', completedAt: 8 }])
  t.same(messages(over), ['INFO Stopped progress polling for job'])
  end({ status: 'completed' })
  t.same(tell({ kind: 'released', at: 9 }).events, [])
})

function standingOf(state: JobLogState): JobLogStanding {
  return {
    trackingId: SUBJECT.trackingId,
    status: state.status,
    percent: Math.max(Math.floor(state.percent), state.milestone),
    runs: state.runs,
    startedAt: state.startedAt,
    steps: state.steps.map((name, i) => ({ seq: i + 1, name, running: state.open === i + 1, startedAt: 0 })),
  }
}

t.test('[LOG-1] a restart goes on where the log ends', async (t) => {
  const before = log()
  before.adopt({ stage: 'Snapshot', status: 'snapshotting', runs: ['a'] })
  before.move({ percent: 37, runs: ['a'] })
  const standing = standingOf(before.state() as JobLogState)
  const same = log(resumedLog(standing, 'replicating'))
  const first = same.adopt({ percent: 37 })
  t.same(messages(first), ['INFO Resuming progress polling for replication job'])
  t.same(first.steps, [])
  t.same(messages(same.move({ percent: 37, runs: ['a'] })), [])
  t.match(same.move({ stage: 'Finalize', percent: 37 }).steps, [
    { seq: 2, name: 'Transfer', status: 'completed' },
    { seq: 3, name: 'Finalize', status: 'running' },
  ])
  const missed = log(resumedLog(standing, 'replicating')).adopt({
    percent: 52,
    status: 'finalizing',
    stage: 'Finalize',
  })
  t.same(messages(missed).slice(1), [
    'INFO Job moved from replicating to finalizing',
    'INFO Stage Finalize began',
    'INFO Progress reached 40 %',
    'INFO Progress reached 50 %',
  ])
  const ahead = log(resumedLog(standing, 'replicating')).adopt({ percent: 0, status: 'preparing', stage: 'Snapshot' })
  t.equal(ahead.events.length, 1, "the job's row is behind its log: nothing is told twice")
  t.equal(resumedLog({ ...standing, steps: [{ seq: 3, name: 'x', running: true, startedAt: 5 }] }, 'running').open, 3)
})

t.test(
  '[LOG-1] whatever comes: one row a stage, one running at most, milestones once, and quiet means nothing',
  async () => {
    const samples = fc.array(
      fc.record({
        status: fc.constantFrom(...JOB_STATUSES.slice(0, 9)),
        stage: fc.constantFrom('', 'Snapshot', 'Transfer', 'Finalize'),
        percent: fc.double({ min: 0, max: 100, noNaN: true }),
        restart: fc.boolean(),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(samples, (all) => {
        let state: JobLogState | undefined
        const rows = new Map<number, { name: string; status: string }>()
        const told: number[] = []
        for (const { restart, ...now } of all) {
          if (restart && state !== undefined) state = resumedLog(standingOf(state), state.status)
          const quiet = state !== undefined && isQuiet(state, now.status, now.stage, now.percent)
          const out = logChange(SUBJECT, state, { kind: state === undefined ? 'adopted' : 'moved', now: moment(now) })
          if (quiet && out.events.length + out.steps.length + out.tracking.length > 0) return false
          state = out.state
          for (const row of out.steps) rows.set(row.seq, row)
          for (const { attrs } of out.events) if ('milestone' in attrs) told.push(Number(attrs['milestone']))
        }
        const names = [...rows.values()].map((row) => row.name)
        const running = [...rows.values()].filter((row) => row.status === 'running')
        const numbered = [...rows.keys()].every((seq) => seq >= 1 && seq <= rows.size)
        const rising = told.every((milestone, i) => i === 0 || milestone === (told[i - 1] ?? 0) + 10)
        return new Set(names).size === names.length && running.length <= 1 && numbered && rising
      }),
    )
  },
)
