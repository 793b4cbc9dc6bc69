/**
 * An OMA and a VMA full of secrets, at the most talkative log level, through good and bad times: nothing that they log, answer
 * or print holds one of them, in any form.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { EXPORT } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { token } from '../support/jwt.ts'
import { MariaDbServer } from '../support/mariadb-server.ts'
import { TestProxy } from '../support/proxy.ts'
import { startCli } from '../support/running-cli.ts'
import { Service, until } from '../support/service.ts'

const SECRETS = {
  database: 'hunter2 of:the/database@%',
  wrongDatabase: 'hunter2 that does not fit',
  full: 'hunter2-full-token',
  read: 'hunter2-read-token',
  jwt: 'hunter2-jwt-secret-of-thirty-two-bytes',
  proxy: 'hunter2 of:the proxy',
  vma: 'hunter2-token-of-the-vma',
  guess: 'hunter2-guess-of-a-stranger',
}
/** What must not be shown; the JWTs made of it come later. */
const told: string[] = Object.values(SECRETS)

const folder = mkdtempSync(join(tmpdir(), 'sightline-secrets-'))
const server = await MariaDbServer.start()
t.teardown(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})
t.setTimeout(110_000)

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const inBase64 = [bytes, Buffer.from(`oma:${secret}`)].map((all) => all.toString('base64').replace(/=+$/, ''))
  return [secret, encodeURIComponent(secret), bytes.toString('base64url'), bytes.toString('hex'), ...inBase64]
}

/** Every answer, headers included. */
const answers: string[] = []

async function get(url: string, bearer?: string, init: RequestInit = {}): Promise<number> {
  const known = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  const answer = await fetch(url, { ...init, headers: { ...known, 'content-type': 'application/json' } })
  answers.push(`${url}\n${JSON.stringify([...answer.headers])}\n${await answer.text()}`)
  return answer.status
}

const OMA_PATHS = ['/healthz', '/readyz', '/metrics', '/api/v1/progress', '/api/v1/vm-contexts', '/api/v1/openapi.json']

async function askAround(oma: Service, bearers: readonly (string | undefined)[]): Promise<void> {
  const paths = [...OMA_PATHS, `/api/v1/progress/${DOCUMENTED_JOB}`, '/api/v1/vm-contexts/pgtest1', '/nowhere', '/%zz']
  for (const path of paths) for (const bearer of bearers) await get(oma.url + path, bearer)
  for (const method of ['POST', 'DELETE']) await get(`${oma.url}/api/v1/progress`, SECRETS.full, { method })
}

async function preparedDatabase(): Promise<string> {
  const asRoot = await server.database('secrets')
  await emptyDatabase(asRoot)
  const on = connect(asRoot)
  t.teardown(() => on.close())
  await addDocumentedJob(on)
  await on.run(`create user 'oma'@'%' identified by '${SECRETS.database}'`, [])
  await on.run("grant all on secrets.* to 'oma'@'%'", [])
  return asRoot
}

t.test('[SEC-2] no secret is shown, whatever fails and however much is logged', async (t) => {
  const asRoot = await preparedDatabase()
  const databaseOf = (password: string): string => asRoot.replace('root@', `oma:${encodeURIComponent(password)}@`)
  const authorization = `Basic ${Buffer.from(`oma:${SECRETS.proxy}`).toString('base64')}`
  const proxy = await TestProxy.start(t, { authorization })
  const vma = await Service.start('vma', { VMA_API_TOKENS: SECRETS.vma, LOG_LEVEL: 'trace' }, folder)
  t.teardown(() => vma.stop())
  const env = {
    OMA_API_TOKENS: SECRETS.full,
    OMA_READ_TOKENS: SECRETS.read,
    OMA_JWT_SECRET: SECRETS.jwt,
    DATABASE_URL: databaseOf(SECRETS.database),
    DATABASE_TIME_ZONE: 'UTC',
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_PROXY: proxy.origin.replace('://', `://oma:${encodeURIComponent(SECRETS.proxy)}@`),
    VMA_PROGRESS_TOKEN: SECRETS.vma,
    VMA_PROGRESS_POLL_INTERVAL: '200ms',
    VMA_PROGRESS_BACKOFF_BASE: '200ms',
    LOG_LEVEL: 'trace',
  }

  const kept = await Service.start('oma', { ...env, DATABASE_URL: databaseOf(SECRETS.wrongDatabase) }, folder)
  t.teardown(() => kept.stop())
  await until('the log says that the password is wrong', async () => (/denied/i.test(kept.log) ? true : undefined))
  await askAround(kept, [SECRETS.full, undefined])
  await kept.stop()

  const oma = await Service.start('oma', env, folder)
  t.teardown(() => oma.stop())
  const update = JSON.stringify({ stage: 'Transfer', status: 'in_progress', bytes_transferred: 5, total_bytes: 10 })
  const updates = `${vma.url}/api/v1/progress/${EXPORT}/update`
  t.equal(await get(updates, SECRETS.guess, { method: 'POST', body: update }), 401)
  t.equal(await get(updates, SECRETS.vma, { method: 'POST', body: '{"percent":' }), 400)
  t.equal(await get(updates, SECRETS.vma, { method: 'POST', body: update }), 200)
  const exp = Math.floor(Date.now() / 1_000) + 600
  const jwt = await token(Buffer.from(SECRETS.jwt), { scope: 'read', exp })
  const forged = await token(Buffer.from(SECRETS.guess.padEnd(32, '.')), { scope: 'read', exp })
  told.push(jwt, forged)
  await until('the row has the bytes, by way of the proxy', async () =>
    (await get(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}`, jwt)) === 200 &&
    answers.at(-1)?.includes('"bytes_transferred":5')
      ? true
      : undefined,
  )
  await askAround(oma, [undefined, SECRETS.guess, SECRETS.read, SECRETS.full, jwt, forged])

  t.equal(await vma.stop(), 0)
  await server.kill()
  await until('it is not ready', async () => ((await get(`${oma.url}/readyz`)) === 503 ? true : undefined))
  t.equal(await get(`${oma.url}/api/v1/vm-contexts`, SECRETS.full), 500)
  await until('the log tells of the VMA', async () => (/unreachable|no answer/i.test(oma.log) ? true : undefined))
  await askAround(oma, [undefined, SECRETS.full])
  await oma.stop()

  const check = startCli(t, ['check'], env)
  await check.line(/settings are good/)
  const faulty = startCli(t, ['check'], {
    ...env,
    OMA_JWT_SECRET: 'hunter2',
    OMA_READ_TOKENS: 'sha256:hunter2',
    DATABASE_URL: 'mysql://oma:hunter2@h:x/d?hunter2',
    VMA_PROGRESS_PROXY: 'ftp://oma:hunter2@h',
    VMA_PROGRESS_TOKEN: 'sha256:hunter2',
  })
  await faulty.line(/5 settings are wrong/)
  await faulty.ended

  const output = { kept: kept.log, oma: oma.log, vma: vma.log, check: [...check.lines, ...faulty.lines].join('\n') }
  t.ok(answers.length > 100, `${answers.length} answers looked through`)
  for (const [where, text] of [...Object.entries(output), ['answers', answers.join('\n')] as const]) {
    t.ok(text.length > 100, `${where}: ${text.length} characters looked through`)
    for (const secret of told.flatMap(formsOf)) if (text.includes(secret)) t.fail(`${where} show ${secret}`)
    t.notMatch(text, /hunter2/, where)
  }
})
