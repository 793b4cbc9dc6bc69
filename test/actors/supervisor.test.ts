import t from 'tap'
import { disk, START, target, Tracking, transfer } from '../support/tracking.ts'

t.test('[POLL-6] a job that vanishes at 99 % is completed by inference, and says so', async (t) => {
  const rig = new Tracking({ policy: { startupGraceMs: 0 } })
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(995))
  for (let i = 0; i < 3; i += 1) {
    t.same(rig.ends, [], `${i} misses end nothing`)
    rig.untilAsked('a')
    rig.fail('a', 'not_found', 404)
  }
  t.match(rig.ends, [{ status: 'completed', row: { status: 'completed', percent: 100, bytes: 995 } }])
  t.equal(rig.job('a').inferred, true)
})

t.test('[POLL-6] one that vanishes in its middle is lost at the contact timeout, and not before', async (t) => {
  const rig = new Tracking({ policy: { startupGraceMs: 0 } })
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(500))
  const heardAt = rig.now()
  while (rig.ends.length === 0) {
    rig.untilAsked('a')
    rig.fail('a', 'not_found', 404)
  }
  t.equal(rig.now() - heardAt, rig.policy.contactTimeoutMs)
  t.match(rig.ends, [
    {
      status: 'failed',
      row: {
        errorMessage: 'VMA communication timeout exceeded (5m)',
        errorClassification: 'connection',
        errorDetails: 'not_found: not_found',
        bytes: 500,
      },
    },
  ])
})

t.test('[API-4] a paused job is not asked for and not failed, and says so; POLL_NOW asks at once', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(100))
  t.ok(rig.supervisor.pause('a'))
  t.equal(rig.untilAsked('a', 3 * rig.policy.contactTimeoutMs), 3 * rig.policy.contactTimeoutMs, 'never asked')
  t.same(rig.ends, [])
  t.match(rig.job('a').view(rig.now()), { pollState: 'paused', verdict: { state: 'suspended' }, nextPollAt: null })
  t.ok(rig.supervisor.pollNow('a'))
  t.same(rig.asked, ['a'])
  t.equal(rig.supervisor.pause('b') || rig.supervisor.pollNow('b'), false, 'a job that is not followed')
})

t.test('[API-4] paused while a poll is out: its answer is taken, and no second one is asked for', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.supervisor.pause('a')
  rig.supervisor.pollNow('a')
  t.same(rig.asked, ['a'])
  rig.supervisor.pause('a')
  rig.answer('a', transfer(300))
  t.equal(rig.job('a').percent, 30)
  t.equal(rig.state('a'), 'paused')
})

t.test('[API-4] whatever its VMA does, a paused job stays paused', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'), target('b'))
  rig.supervisor.pause('a')
  rig.untilAsked('b')
  rig.fail('b', 'unreachable')
  rig.probed(0, false)
  t.equal(rig.state('b'), 'held')
  t.equal(rig.state('a'), 'paused')
  rig.pass(2_000)
  rig.probed(0, true)
  t.equal(rig.state('a'), 'paused')
})

t.test('[RECOVER-1] after a restart the row alone tells that a vanished job was all but over', async (t) => {
  const rig = new Tracking({ policy: { startupGraceMs: 0 } })
  rig.adopt(target('a', { percent: 99.6, bytes: 996, totalBytes: 1_000, currentOperation: 'Transfer' }))
  rig.adopt(target('b', { percent: 40, currentOperation: 'Finalize' }))
  for (const id of ['a', 'b']) {
    for (let i = 0; i < 3; i += 1) {
      rig.untilAsked(id)
      rig.fail(id, 'not_found', 404)
    }
  }
  t.same(
    rig.ends.map((end) => [end.row.jobId, end.status]),
    [
      ['a', 'completed'],
      ['b', 'completed'],
    ],
  )
})

t.test(
  '[POLL-8] one poll without an answer, one probe: a VMA that is there leaves the error with the job',
  async (t) => {
    const rig = new Tracking()
    rig.adopt(target('a'), target('b'))
    rig.untilAsked('a')
    rig.fail('a', 'timeout')
    t.same(rig.probes, [0])
    t.equal(rig.job('a').errors, 0, 'no verdict before the probe has one')
    rig.probed(0, true)
    t.equal(rig.job('a').errors, 1)
    t.equal(rig.state('a'), 'backingOff')
    t.not(rig.state('b'), 'held')
  },
)

t.test(
  '[POLL-8] while a VMA is away its jobs are held, their errors do not grow; all resume within one interval',
  async (t) => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const rig = new Tracking()
    rig.adopt(...ids.map((id) => target(id)))
    rig.untilAsked('a')
    rig.fail('a', 'unreachable')
    rig.probed(0, false)
    for (const id of ids) t.equal(rig.state(id), 'held', id)
    const before = rig.asked.length
    while (rig.now() - START < 120_000) {
      rig.pass(500)
      if (rig.probes.length > 1) rig.probed(0, false)
    }
    t.equal(rig.asked.length, before, 'no job is asked for by itself')
    for (const id of ids) t.equal(rig.job(id).errors, 0)
    rig.asked.length = 0
    rig.probed(0, true)
    rig.pass(rig.policy.intervalMs)
    t.same(rig.asked.toSorted(), ids)
    t.same(rig.ends, [], 'two minutes cost no job')
  },
)

t.test('[POLL-8] a job adopted while its VMA is away is held too, and 502 of a tunnel counts as away', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.fail('a', 'http_5xx', 502)
  rig.probed(0, false)
  rig.adopt(target('b'))
  t.equal(rig.state('b'), 'held')
  rig.answer('a', transfer(10))
  t.equal(rig.state('b'), 'waiting', 'any answer of the VMA closes its circuit')
})

t.test("[POLL-8] another VMA's jobs notice nothing", async (t) => {
  const rig = new Tracking({ vmas: ['one', 'two'], vmaOf: (job) => (job.jobId === 'b' ? 1 : 0) })
  rig.adopt(target('a'), target('b'))
  rig.untilAsked('a')
  rig.fail('a', 'unreachable')
  rig.probed(0, false)
  t.equal(rig.state('a'), 'held')
  t.not(rig.state('b'), 'held')
  rig.untilAsked('b')
  rig.answer('b', transfer(1))
  t.equal(rig.state('a'), 'held')
})

t.test('[POLL-7] a VMA that stays away past the timeout fails its jobs with the documented message', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(500))
  const heardAt = rig.now()
  rig.untilAsked('a')
  rig.fail('a', 'unreachable')
  rig.probed(0, false)
  rig.pass(rig.policy.contactTimeoutMs)
  t.match(rig.ends, [{ status: 'failed', completedAt: heardAt + rig.policy.contactTimeoutMs }])
  t.match(rig.ends[0]?.row.errorMessage, 'VMA communication timeout exceeded (5m)')
})

t.test('[RECOVER-2] a job whose code throws is started again later each time, and harms no other job', async (t) => {
  const rig = new Tracking({
    onRow: (row) => {
      if (row.jobId === 'bad') throw new Error('a defect')
    },
  })
  rig.adopt(target('bad'), target('good'))
  for (let i = 0; i < 7; i += 1) {
    rig.untilAsked('bad')
    rig.answer('bad', transfer(10 * (i + 1)))
    t.equal(rig.state('bad'), 'suspended')
    rig.untilAsked('good')
    rig.answer('good', transfer(10 * (i + 1)))
    t.equal(rig.state('good'), 'waiting')
  }
  t.same(
    rig.crashes.map(({ delayMs, suspended }) => [delayMs, suspended]),
    [
      [250, false],
      [500, false],
      [1_000, false],
      [2_000, false],
      [4_000, false],
      [60_000, true],
      [250, false],
    ],
  )
  t.ok(rig.rows.filter((row) => row.jobId === 'good').length > 1)
})

t.test('[RUN-2] the next job of a volume takes its key over: the older one is told from when', async (t) => {
  const rig = new Tracking()
  const key = { disks: [disk({ exportName: 'migration-vol-shared' })] }
  rig.adopt(target('new', { ...key, createdAt: START - 1_000 }))
  rig.adopt(target('old', { ...key, createdAt: START - 600_000 }))
  t.equal(rig.told.get(rig.job('old').slot)?.supersededAt, START - 1_000, 'whichever is adopted first')
  rig.adopt(target('newest', { ...key, createdAt: START }))
  t.equal(rig.told.get(rig.job('old').slot)?.supersededAt, START - 1_000)
  t.equal(rig.told.get(rig.job('new').slot)?.supersededAt, START)
  t.equal(rig.told.get(rig.job('newest').slot)?.supersededAt, undefined)
})

t.test(
  '[POLL-3] a plan is read again when the VMA does not know the key; a disk whose row moved on stays',
  async (t) => {
    const rig = new Tracking()
    rig.adopt(target('a', { disks: [] }))
    t.equal(rig.supervisor.wants('a'), false)
    rig.untilAsked('a')
    rig.fail('a', 'not_found', 404)
    t.equal(rig.supervisor.wants('a'), true)
    const disks = [disk({ exportName: 'migration-vol-a' })]
    rig.adopt(target('a', { disks }))
    t.match(rig.told.get(rig.job('a').slot)?.plan, [{ key: 'migration-vol-a' }])
    rig.adopt(target('a', { disks: [] }))
    t.match(rig.told.get(rig.job('a').slot)?.plan, [{ key: 'migration-vol-a' }])
  },
)

t.test('[RECOVER-3] a job that came back from its end is followed anew; one whose end stands is not', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(1_000, { status: 'completed' }))
  t.equal(rig.supervisor.wants('a'), false, 'its end is on the way')
  rig.supervisor.ended('a', { jobId: 'a', outcome: 'ended' })
  t.equal(rig.supervisor.wants('a'), true, 'the database says that it is active')
  rig.adopt(target('a', { status: 'completed' }))
  t.equal(rig.job('a').phase, 'ended', 'its row says otherwise')
  rig.adopt(target('a', { status: 'replicating' }))
  t.equal(rig.job('a').phase, 'live')
})

t.test('[AGG-3] an end that the database finds incomplete is none: the job is taken on anew', async (t) => {
  const rig = new Tracking()
  rig.adopt(target('a'))
  rig.untilAsked('a')
  rig.answer('a', transfer(1_000, { status: 'completed' }))
  rig.supervisor.ended('a', { jobId: 'a', outcome: 'unplanned' })
  t.equal(rig.supervisor.wants('a'), true)
  const disks = [disk({ exportName: 'migration-vol-a' }), disk({ diskId: 'disk-2001', exportName: 'migration-vol-b' })]
  rig.adopt(target('a', { disks }))
  t.equal(rig.job('a').phase, 'live')
  t.equal(rig.told.get(rig.job('a').slot)?.plan.length, 2)
})

t.test('[MET-1] an end is counted once, when it stands in the database, under how it became known', async (t) => {
  const rig = new Tracking({ policy: { startupGraceMs: 0 } })
  const over = (id: string): void => rig.supervisor.ended(id, { jobId: id, outcome: 'ended' })
  for (const id of ['told', 'failing', 'gone', 'silent']) rig.adopt(target(id))
  for (const id of ['told', 'failing', 'gone', 'silent']) rig.untilAsked(id)
  rig.answer('told', transfer(1_000, { status: 'completed' }))
  t.same(rig.counted, [], 'it is on its way')
  rig.supervisor.ended('told', { jobId: 'told', outcome: 'unplanned' })
  t.same(rig.counted, [], 'it is none')
  rig.adopt(target('told'))
  rig.untilAsked('told')
  rig.answer('told', transfer(1_000, { status: 'completed' }))
  over('told')
  rig.answer('failing', transfer(10, { status: 'failed' }))
  over('failing')
  rig.answer('gone', transfer(995))
  for (let i = 0; i < 3; i += 1) {
    rig.untilAsked('gone')
    rig.fail('gone', 'not_found', 404)
  }
  over('gone')
  while (rig.job('silent').phase === 'live') {
    rig.untilAsked('silent')
    rig.fail('silent', 'http_5xx', 500)
  }
  over('silent')
  t.same(rig.counted, ['completed told', 'failed told', 'completed inferred', 'failed contact_timeout'])
})
