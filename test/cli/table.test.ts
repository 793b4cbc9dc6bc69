import fc from 'fast-check'
import t from 'tap'
import { ASCII, UNICODE } from '../../src/cli/bar.ts'
import { byInterest, renderTable, type Style, type TableJob, type View } from '../../src/cli/table.ts'
import { displayWidth } from '../../src/cli/text.ts'
import { GIB, MIB } from '../../src/model/units.ts'
import { JOB_STATUSES } from '../../src/model/words.ts'

const MOVING: TableJob = {
  job_id: 'job-20250909-114850.709-8034ee1',
  vm_name: 'pgtest1',
  status: 'replicating',
  replication_type: 'initial',
  current_operation: 'Transfer',
  progress_percent: 49.3,
  bytes_transferred: 17.75 * GIB,
  total_bytes: 36 * GIB,
  transfer_speed_bps: 11.46 * MIB,
  eta_seconds: 1_631,
  disks_total: 2,
  disks_reporting: 2,
}
const NOTHING = { progress_percent: 0, bytes_transferred: 0, transfer_speed_bps: 0, eta_seconds: null }
const SETTING_UP: TableJob = {
  ...MOVING,
  ...NOTHING,
  job_id: 'job-20250909-114851.100-aaaaaaa',
  vm_name: '会計サーバー-2',
  status: 'snapshotting',
  replication_type: 'incremental',
  current_operation: 'Creating Snapshot',
  disks_reporting: 1,
}
const STALLED: TableJob = {
  ...MOVING,
  job_id: 'job-20250909-114852.000-bbbbbbb',
  vm_name: 'a-very-long-machine-name-that-does-not-fit',
  transfer_speed_bps: 0,
  eta_seconds: null,
  verdict: 'stalled',
}
const DONE: TableJob = {
  ...MOVING,
  job_id: 'job-20250909-113839.716-ccccccc',
  vm_name: 'web-001',
  status: 'completed',
  progress_percent: 100,
  bytes_transferred: 36 * GIB,
  transfer_speed_bps: 0,
  eta_seconds: 0,
}
const FAILED: TableJob = {
  ...DONE,
  job_id: 'job-20250909-113840.000-ddddddd',
  vm_name: 'sql-001',
  status: 'failed',
  progress_percent: 71.2,
}
const JOBS = [DONE, FAILED, STALLED, SETTING_UP, MOVING]
const SUMMARY = ['3 active', '12 done', '1 failed', '11.5 MiB/s', '1.5 polls/s', 'late 3/14 ms', 'loop 11 ms']

function view(width: number, height = 20, parts: Partial<View> = {}): View {
  return { width, height, glyphs: UNICODE, paint: (_, text) => text, ...parts }
}

t.test('looks like this at 132, 80, 60 and 40 columns', async (t) => {
  for (const width of [132, 80, 60, 40]) {
    t.matchSnapshot(renderTable(JOBS, SUMMARY, view(width)).join('\n'), `${width} columns`)
  }
  t.matchSnapshot(renderTable(JOBS, SUMMARY, view(80, 20, { glyphs: ASCII })).join('\n'), '80 columns without unicode')
})

t.test('never exceeds the terminal, whatever its size and the names', async () => {
  const job: fc.Arbitrary<TableJob> = fc.record({
    job_id: fc.string(),
    vm_name: fc.string({ unit: 'grapheme' }),
    status: fc.constantFrom(...JOB_STATUSES),
    replication_type: fc.constantFrom('', 'initial', 'incremental', 'odd'),
    current_operation: fc.string({ unit: 'grapheme' }),
    progress_percent: fc.double({ min: 0, max: 100, noNaN: true }),
    bytes_transferred: fc.maxSafeNat(),
    total_bytes: fc.maxSafeNat(),
    transfer_speed_bps: fc.maxSafeNat(),
    eta_seconds: fc.option(fc.integer({ min: 0, max: 1e9 })),
    disks_total: fc.nat(300),
    disks_reporting: fc.nat(300),
    verdict: fc.constantFrom('moving', 'stalled', 'source_silent'),
  })
  const sizes = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 30 }))
  fc.assert(
    fc.property(fc.array(job, { maxLength: 40 }), sizes, (jobs, [width, height]) => {
      const lines = renderTable(jobs, SUMMARY, view(width, height))
      return lines.length <= height && lines.every((line) => displayWidth(line) <= width && !line.includes('\n'))
    }),
  )
})

t.test('with more jobs than lines it shows the moving ones and says how many more there are', async (t) => {
  const many = Array.from({ length: 300 }, (_, n): TableJob => ({
    ...(n % 10 === 0 ? MOVING : DONE),
    job_id: `job-${String(n).padStart(3, '0')}`,
  }))
  const lines = renderTable(many, ['300 jobs'], view(132, 12))
  t.equal(lines.length, 12)
  t.equal(lines.at(-1), '… 291 more')
  t.ok(lines.slice(2, -1).every((line) => line.includes('Transfer')))
})

t.test('rows are grouped by interest and keep their places within a group', async (t) => {
  t.same(
    byInterest(JOBS).map((job) => job.vm_name),
    ['pgtest1', 'a-very-long-machine-name-that-does-not-fit', '会計サーバー-2', 'sql-001', 'web-001'],
  )
})

t.test('colours mark the state and take no columns', async (t) => {
  const used = new Set<Style>()
  const paint = (style: Style, text: string): string => {
    used.add(style)
    return text
  }
  t.same(renderTable(JOBS, SUMMARY, view(80, 20, { paint })), renderTable(JOBS, SUMMARY, view(80)))
  t.same([...used].sort(), ['bold', 'cyan', 'dim', 'green', 'red', 'yellow'])
})
