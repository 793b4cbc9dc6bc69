import fc from 'fast-check'
import t from 'tap'
import { normalise } from '../../src/model/normalise.ts'
import type { ProgressSample } from '../../src/model/sample.ts'
import { statusOfWord } from '../../src/model/words.ts'
import { EXPORT, V10, V181 } from '../support/documents.ts'

function sampleOf(body: unknown): ProgressSample {
  const said = normalise(EXPORT, body)
  if (!said.ok) throw new Error(`${said.error.code}: ${said.error.message}`)
  return said.sample
}

t.test('[NORM-1] the v1.8.1 answer of the API reference', async (t) => {
  t.match(sampleOf(V181), {
    key: EXPORT,
    status: 'pending',
    stage: 'Transfer',
    percent: 2.1728515625,
    bytes: 933232640,
    totalBytes: 42949672960,
    speedBps: 0,
    syncType: 'full',
    startedAt: Date.parse('2025-09-05T15:24:43Z'),
    updatedAt: Date.parse('2025-09-05T15:26:15Z'),
  })
  t.notOk(sampleOf(V181).faults)
  t.notOk('etaSeconds' in sampleOf(V181), 'an ETA of 0 is an unknown one')
})

t.test('[NORM-1] the v1.0 answer of the architecture document', async (t) => {
  const sample = sampleOf(V10)
  t.match(sample, {
    status: 'streaming',
    bytes: 456789012,
    totalBytes: 1234567890,
    speedBps: 98765432,
    syncType: 'incremental',
    changeId: '456-def',
    previousChangeId: '123-abc',
    disks: [
      { id: 'disk-0', status: 'streaming', bytes: 345678901, totalBytes: 987654321, speedBps: 54321098, percent: 35 },
    ],
  })
})

t.test('[NORM-1] a faulty field is left out, the sample stands', async (t) => {
  for (const bad of [-1, 2 ** 60, '12', true, [], {}]) {
    const sample = sampleOf({ ...V181, bytes_transferred: bad })
    t.notOk('bytes' in sample, `bytes_transferred ${JSON.stringify(bad)}`)
    t.same(sample.faults, ['bytes_transferred'])
    t.equal(sample.totalBytes, 42949672960)
  }
  t.notOk(sampleOf({ ...V181, bytes_transferred: null }).faults, 'null is absent, not faulty')
})

t.test('[NORM-1] nothing usable is invalid_body', async (t) => {
  for (const body of [
    {},
    [],
    42,
    null,
    { total_bytes: 5 },
    '<html>502 Bad Gateway</html>',
    { bytes_transferred: 'x' },
  ]) {
    const said = normalise(EXPORT, body)
    t.equal(said.ok ? 'sample' : said.error.code, 'invalid_body', JSON.stringify(body))
  }
})

t.test('[NORM-1] no JSON whatever throws, and what comes out is within bounds', async () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constant(null))
  const body = fc.record(
    {
      status: fc.oneof(fc.constantFrom('Queued', 'completed', 'Running', 'Streaming'), fc.anything()),
      current_operation: fc.oneof(fc.constantFrom('Transfer', 'Creating Snapshot'), fc.anything()),
      percentage: number,
      bytes_transferred: number,
      total_bytes: number,
      aggregate: fc.anything(),
      throughput: fc.anything(),
      timing: fc.anything(),
      run: fc.anything(),
      disks: fc.anything(),
      errors: fc.anything(),
      last_error: fc.anything(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(body, fc.anything()), (given) => {
      const said = normalise('k', given)
      if (!said.ok) return true
      const { percent = 0, bytes = 0, totalBytes = 0, speedBps = 0 } = said.sample
      return (
        percent >= 0 && percent <= 100 && [bytes, totalBytes, speedBps].every((n) => Number.isSafeInteger(n) && n >= 0)
      )
    }),
    { numRuns: 2_000 },
  )
})

t.test('[NORM-2] every documented word, whatever its case', async (t) => {
  const words: Record<string, string> = {
    Queued: 'pending',
    Preparing: 'preparing',
    Initializing: 'preparing',
    Snapshotting: 'snapshotting',
    'Creating Snapshot': 'snapshotting',
    'Snapshot Creation': 'snapshotting',
    Running: 'replicating',
    in_progress: 'replicating',
    'Copying Data': 'replicating',
    Streaming: 'streaming',
    Finalizing: 'finalizing',
    Cleanup: 'finalizing',
    Succeeded: 'completed',
    Completed: 'completed',
    Failed: 'failed',
    Error: 'failed',
  }
  for (const [word, status] of Object.entries(words)) {
    for (const form of [word, word.toLowerCase(), word.toUpperCase()]) t.equal(statusOfWord(form), status, form)
  }
})

t.test('[NORM-2] an unknown word gives no status; the sample still stands', async (t) => {
  for (const word of ['Paused', 'constructor', '__proto__', 'toString']) {
    const sample = sampleOf({ ...V181, status: word })
    t.notOk('status' in sample, word)
    t.equal(sample.statusWord, word)
  }
})

t.test('[NORM-2] during set-up the stage says what "in progress" means', async (t) => {
  const setup = (stage: string, percent: number) =>
    sampleOf({ status: 'in_progress', current_operation: stage, percentage: percent, bytes_transferred: 0 })
  t.match(setup('Initializing', 5), { status: 'preparing', setupPercent: 5 })
  t.match(setup('Creating Snapshot', 15), { status: 'snapshotting', setupPercent: 15 })
  t.match(setup('Setting up NBD', 20), { status: 'preparing', setupPercent: 20 })
  t.notOk('percent' in setup('Preparing Migration', 30), 'set-up percent is not transfer percent')
  t.match(setup('Transfer', 0), { status: 'replicating', percent: 0 })
})

t.test('[NORM-3] Completed of a stage is not completion of the job', async (t) => {
  const done = (fields: object) => sampleOf({ ...V181, status: 'Completed', ...fields }).status
  t.equal(done({ percentage: 40 }), undefined)
  t.equal(done({ percentage: 100 }), 'completed')
  t.equal(done({ percentage: undefined, bytes_transferred: 42949672960 }), 'completed')
  t.equal(done({ percentage: 0, bytes_transferred: 0, total_bytes: 0 }), 'completed', 'nothing had changed')
  t.equal(
    done({ current_operation: 'Creating Snapshot', percentage: 100 }),
    undefined,
    'a set-up stage that is through',
  )
  t.equal(sampleOf({ ...V10, status: 'Succeeded' }).status, 'completed', 'v1.0 says it of the job')
})

t.test('[NORM-5] a 200 that says "job not found" is not_found', async (t) => {
  for (const body of ['job not found', 'Job not found\n', { error: 'job not found', job_id: 'x' }]) {
    const said = normalise(EXPORT, body)
    t.equal(said.ok ? 'sample' : said.error.code, 'not_found')
  }
})

t.test('[NORM-1] times of Go that mean nothing are absent, errors of any shape become a sentence', async (t) => {
  const sample = sampleOf({
    ...V181,
    timing: { start_time: '0001-01-01T00:00:00Z', last_update: '' },
    errors: [{ message: 'disk full' }],
  })
  t.notOk('startedAt' in sample)
  t.notOk(sample.faults)
  t.equal(sample.error, 'disk full')
  t.equal(sampleOf({ ...V181, last_error: { code: 5 } }).error, '{"code":5}')
})

t.test('[NORM-1] the sync type that a VMA says before it was told one is not taken', async (t) => {
  const during = (stage: string, syncType: string) =>
    sampleOf({ ...V181, current_operation: stage, sync_type: syncType }).syncType
  t.equal(during('Creating Snapshot', 'full'), undefined)
  t.equal(during('Creating Snapshot', 'incremental'), 'incremental')
  t.equal(during('Transfer', 'full'), 'full')
})
