/** From migratekit's POST to a GUI's websocket, through both services. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service } from '../support/service.ts'
import { BEARER, StreamClient, TOKEN } from '../support/stream-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-stream-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test(
  '[WS-1, WS-2] what migratekit posts comes to a GUI as delta and event; the end of the service too',
  async (t) => {
    const url = `sqlite:${join(folder, 'stream.db')}`
    await emptyDatabase(url)
    const on = connect(url)
    await addDocumentedJob(on)
    await on.close()
    const vma = await Service.start('vma', {}, folder)
    t.teardown(() => vma.stop())
    const oma = await Service.start(
      'oma',
      {
        OMA_API_TOKENS: TOKEN,
        DATABASE_URL: url,
        DATABASE_TIME_ZONE: 'UTC',
        VMA_PROGRESS_CLIENT_URL: vma.url,
        VMA_PROGRESS_POLL_INTERVAL: '200ms',
        VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
      },
      folder,
    )
    t.teardown(() => oma.stop())
    const client = await StreamClient.open(t, Number(new URL(oma.url).port))
    const topic = `job:${DOCUMENTED_JOB}`
    client.say({ type: 'subscribe', topics: [topic] })
    await client.saw(({ type }) => type === 'snapshot')
    const post = async (update: object): Promise<void> => {
      await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ stage: 'Transfer', sync_type: 'initial', total_bytes: 50_000, ...update }),
      })
    }
    await post({ status: 'in_progress', bytes_transferred: 10_000 })
    await client.saw((frame) => frame.type === 'delta' && frame.jobs.some((job) => 'bytes_transferred' in job))
    await post({ status: 'completed', bytes_transferred: 50_000, percent: 100 })
    t.match(await client.saw((frame) => frame.type === 'event' && frame.event === 'completed'), {
      topic,
      job_id: DOCUMENTED_JOB,
      vm_name: 'pgtest1',
      status: 'completed',
    })
    t.match(client.topics.get(topic)?.jobs.get(DOCUMENTED_JOB), { status: 'completed', bytes_transferred: 50_000 })
    const all = await (await fetch(`${oma.url}/api/v1/progress`, { headers: BEARER })).json()
    t.match(all, { epoch: client.topics.get(topic)?.position?.epoch, seq: Number, count: 1 })
    t.equal(await oma.stop(), 0, oma.log)
    t.match(await client.closed, { code: 1001 })
  },
)
