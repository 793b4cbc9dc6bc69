import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Agent, request } from 'undici'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service, until } from '../support/service.ts'
import { tlsFile, tlsText } from '../support/tls.ts'

const VMA_TOKEN = 'hunter2-of-the-vma'
const OMA_TOKEN = 'hunter2-of-the-oma'
const SERVER_TLS = (name: 'VMA' | 'OMA') => ({
  [`${name}_TLS_CERT`]: tlsFile('server.pem'),
  [`${name}_TLS_KEY`]: tlsFile('server.key'),
})

const folder = mkdtempSync(join(tmpdir(), 'sightline-tls-'))
const overTls = new Agent({ connect: { ca: tlsText('authority.pem') } })
t.teardown(async () => {
  await overTls.close()
  rmSync(folder, { recursive: true, force: true })
})

async function preparedDatabase(): Promise<string> {
  const url = `sqlite:${join(folder, 'tls.db')}`
  await emptyDatabase(url)
  return url
}

t.test('[CFG-2, SEC-1, SEC-2] a VMA with TLS and token, followed by an OMA with TLS, to the row', async (t) => {
  const url = await preparedDatabase()
  const on = connect(url)
  t.teardown(() => on.close())
  await addDocumentedJob(on)
  const vma = await Service.start('vma', { VMA_API_TOKENS: VMA_TOKEN, ...SERVER_TLS('VMA') }, folder)
  t.teardown(() => vma.stop())
  t.match(vma.url, /^https:/)

  const post = async (headers: Record<string, string>) =>
    await request(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
      dispatcher: overTls,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ stage: 'Transfer', status: 'in_progress', bytes_transferred: 5_000, total_bytes: 10_000 }),
    })
  const refused = await post({})
  t.equal(refused.statusCode, 401)
  await refused.body.dump()
  const taken = await post({ authorization: `Bearer ${VMA_TOKEN}` })
  t.equal(taken.statusCode, 200)
  await taken.body.dump()

  const env = {
    ...SERVER_TLS('OMA'),
    OMA_API_TOKENS: OMA_TOKEN,
    DATABASE_URL: url,
    DATABASE_TIME_ZONE: 'UTC',
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_TLS_CA: tlsFile('authority.pem'),
    VMA_PROGRESS_TOKEN: VMA_TOKEN,
    VMA_PROGRESS_POLL_INTERVAL: '200ms',
    LOG_LEVEL: 'debug',
  }
  const oma = await Service.start('oma', env, folder)
  t.teardown(() => oma.stop())
  await until('the row has the bytes', async () => {
    const [row] = await on.all('select bytes_transferred from replication_jobs where id = ?', [DOCUMENTED_JOB])
    return row?.['bytes_transferred'] === 5_000 ? true : undefined
  })
  t.match(oma.url, /^https:/)
  const live = await request(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}`, {
    dispatcher: overTls,
    headers: { authorization: `Bearer ${OMA_TOKEN}` },
  })
  t.match(await live.body.json(), { bytes_transferred: 5_000, progress_percent: 50 })
  t.equal(await oma.stop(), 0, oma.log)
  t.equal(await vma.stop(), 0, vma.log)
  t.notMatch(oma.log + vma.log, /hunter2|PRIVATE KEY/)
})

t.test('[CFG-2] without the authority the OMA says at each poll why it gets no answer', async (t) => {
  const url = `sqlite:${join(folder, 'tls.db')}`
  const vma = await Service.start('vma', SERVER_TLS('VMA'), folder)
  t.teardown(() => vma.stop())
  const env = { DATABASE_URL: url, VMA_PROGRESS_CLIENT_URL: vma.url, LOG_LEVEL: 'debug', OMA_API_TOKENS: OMA_TOKEN }
  const oma = await Service.start('oma', env, folder)
  t.teardown(() => oma.stop())
  await until('the log names the reason', async () =>
    /TLS: its certificate comes from an authority that is not trusted/.test(oma.log) ? true : undefined,
  )
})
