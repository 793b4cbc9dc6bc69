import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'
import type { Row } from '../../src/db/executor.ts'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service, until } from '../support/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-job-log-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const ID = correlationId(DOCUMENTED_JOB)

t.test(
  '[LOG-1] one job from adoption to completion, over a crash of the OMA: nothing missing, nothing doubled',
  async (t) => {
    const url = `sqlite:${join(folder, 'log.db')}`
    await emptyDatabase(url)
    const on = connect(url)
    t.teardown(() => on.close())
    await addDocumentedJob(on)
    const vma = await Service.start('vma', {}, folder)
    t.teardown(() => vma.stop())
    const env = {
      DATABASE_URL: url,
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: vma.url,
      VMA_PROGRESS_POLL_INTERVAL: '100ms',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
    }
    const oma = async (): Promise<Service> => {
      const service = await Service.start('oma', env, folder)
      t.teardown(() => service.stop())
      return service
    }
    const update = async (stage: string, bytes: number, status = 'in_progress'): Promise<void> => {
      const totals = stage === 'Transfer' ? { bytes_transferred: bytes, total_bytes: 1_000, percent: bytes / 10 } : {}
      const answer = await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ stage, status, sync_type: 'initial', bytes_transferred: 0, total_bytes: 0, ...totals }),
      })
      if (!answer.ok) throw new Error(await answer.text())
    }
    const logged = async (message: string): Promise<Row> =>
      await until(`"${message}" is logged`, async () => {
        const [row] = await on.all('select * from log_events where message = ?', [message])
        return row
      })

    await update('Creating Snapshot', 0)
    const first = await oma()
    await logged('Starting progress polling for replication job')
    await logged('Stage Creating Snapshot began')
    for (const bytes of [150, 420]) {
      await update('Transfer', bytes)
      await logged(`Progress reached ${Math.floor(bytes / 100) * 10} %`)
    }
    await first.stop('SIGKILL')

    await update('Transfer', 480)
    const second = await oma()
    await logged('Resuming progress polling for replication job')
    await update('Transfer', 930)
    await logged('Progress reached 90 %')
    await update('Transfer', 1_000, 'completed')
    await logged('Job completed, stopping progress polling')
    t.equal(await second.stop(), 0, second.log)

    t.match(await on.all('select * from job_tracking'), [
      {
        id: ID,
        external_job_id: DOCUMENTED_JOB,
        context_id: 'ctx-pgtest1',
        status: 'completed',
        percent_complete: 100,
        completed_at: String,
      },
    ])
    const steps = await on.all('select * from job_steps order by seq')
    t.match(steps, [
      { job_id: ID, seq: 1, name: 'Creating Snapshot', status: 'completed', completed_at: String },
      { job_id: ID, seq: 2, name: 'Transfer', status: 'completed', completed_at: String },
    ])
    t.equal(steps.length, 2)
    const events = await on.all('select * from log_events order by id')
    t.ok(events.every((row) => row['job_id'] === ID && row['external_job_id'] === DOCUMENTED_JOB))
    const all = events.map((row) => String(row['message']))
    const milestones = all.filter((message) => message.startsWith('Progress'))
    t.same(
      milestones,
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((m) => `Progress reached ${m} %`),
    )
    t.equal(new Set(all).size, all.length, all.join('\n'))
    for (const service of [first, second]) {
      const about = service.log.split('\n').filter((line) => line.includes(`"job_id":"${DOCUMENTED_JOB}"`))
      t.ok(about.length > 0)
      t.ok(
        about.every((line) => line.includes(`"correlation_id":"${ID}"`)),
        'in all its log lines',
      )
    }
  },
)
