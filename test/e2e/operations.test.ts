import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { freePort } from '../support/mariadb-server.ts'
import { Scrape } from '../support/metrics.ts'
import { Service, until } from '../support/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-operations-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('an OMA whose database is away', async (t) => {
  const oma = await Service.start(
    'oma',
    {
      OMA_API_TOKENS: 'all-of-it',
      OMA_READ_TOKENS: 'for-reading',
      METRICS_AUTH: 'token',
      LOG_REPEAT_LIMIT: '1',
      DATABASE_URL: `mysql://nobody:s3cret@127.0.0.1:${await freePort()}/none`,
    },
    folder,
  )
  t.teardown(() => oma.stop())
  const level = async (): Promise<unknown> => {
    const headers = { authorization: 'Bearer for-reading' }
    return await (await fetch(`${oma.url}/api/v1/log-level`, { headers })).json()
  }
  const levelIs = (wanted: string) =>
    until(`the level is ${wanted}`, async () => {
      const told = (await level()) as { readonly level: string }
      return told.level === wanted ? told : undefined
    })

  t.test('[LOG-2] SIGUSR2 goes to debug and back, and ends no service that is not ready', async (t) => {
    t.equal((await fetch(`${oma.url}/readyz`)).status, 503)
    process.kill(oma.pid, 'SIGUSR2')
    t.match(await levelIs('debug'), { configured_level: 'info', until: null })
    process.kill(oma.pid, 'SIGUSR2')
    await levelIs('info')
    t.ok(oma.isRunning)
    for (const change of ['"from":"info","to":"debug"', '"from":"debug","to":"info"'])
      await until(`the log tells ${change}`, async () => (oma.log.includes(change) ? true : undefined))
  })

  t.test('[MET-2] with METRICS_AUTH=token the metrics are for bearers, and are there without a database', async (t) => {
    t.equal((await fetch(`${oma.url}/metrics`)).status, 401)
    const scrape = await Scrape.of(oma.url, 'for-reading')
    t.equal(scrape.value('sightline_ready'), 0)
    t.notMatch(scrape.text, /s3cret|all-of-it|for-reading/)
  })

  t.test('[LOG-3] a database that stays away is told once a minute, and counted', async (t) => {
    const scrape = await until('a line was left out', async () => {
      const found = await Scrape.of(oma.url, 'for-reading')
      return found.sum('sightline_log_suppressed_total') >= 1 ? found : undefined
    })
    t.equal(oma.log.match(/the database is not there yet; trying again"/g)?.length, 1)
    t.equal(scrape.value('sightline_log_lines_total{level="error"}'), 1)
    t.equal(await oma.stop(), 0, oma.log)
    t.match(
      oma.log,
      /the database is not there yet; trying again: \d+ more in \d+ s/,
      'what was left out is told at the end',
    )
  })
})
