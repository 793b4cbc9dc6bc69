import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ROOT } from '../arch/source-files.ts'
import { dashboard, DASHBOARDS, queriesOf } from '../support/dashboards.ts'
import { reportTransfer } from '../support/documents.ts'
import { emptyDatabase } from '../support/empty-database.ts'
import { addDocumentedJob, connect } from '../support/inventory.ts'
import { freePort } from '../support/mariadb-server.ts'
import { Alertmanager, Prometheus, type Series } from '../support/prometheus.ts'
import { Service, until } from '../support/service.ts'

const folder = mkdtempSync(join(tmpdir(), 'sightline-alerts-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const BOUND_MS = 60_000

interface Delivered {
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** What a person's pager would be: it takes Alertmanager's JSON. */
async function pager(t: Test): Promise<{ readonly url: string; readonly alerts: readonly Delivered[] }> {
  const alerts: Delivered[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      alerts.push(...(JSON.parse(body) as { alerts: Delivered[] }).alerts)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`, alerts }
}

/** The deployed files with this test's addresses, and with seconds where they have minutes. */
function deployed(file: string, ...changes: readonly (readonly [from: string | RegExp, to: string])[]): string {
  let text = readFileSync(join(ROOT, 'config/deploy/prometheus', file), 'utf8')
  for (const [from, to] of changes) {
    const changed = text.replaceAll(from, to)
    if (changed === text) throw new Error(`${file} holds no ${from}`)
    text = changed
  }
  mkdirSync(join(folder, 'prometheus'), { recursive: true })
  const path = join(folder, 'prometheus', file)
  writeFileSync(path, text)
  return path
}

async function migrated(): Promise<string> {
  const url = `sqlite:${join(folder, 'alerts.db')}`
  await emptyDatabase(url)
  const on = connect(url)
  await addDocumentedJob(on)
  await on.close()
  return url
}

const report = (vma: Service, bytes: number): Promise<void> => reportTransfer(vma.url, bytes, 2 ** 40)

async function seriesWhere(
  prometheus: Prometheus,
  expr: string,
  holds: (series: readonly Series[]) => boolean,
): Promise<readonly Series[]> {
  return await until(
    `Prometheus knows ${expr}`,
    async () => {
      const series = await prometheus.query(expr)
      return holds(series) ? series : undefined
    },
    BOUND_MS,
    250,
  )
}

t.test('services, Prometheus and Alertmanager together', async (t) => {
  // A port that was asked for is free again at once when its service was killed; one that the system chose is not.
  const onItsPort = { VMA_HTTP_PORT: String(await freePort()) }
  const vma = await Service.start('vma', onItsPort, folder)
  t.teardown(() => vma.stop())
  await report(vma, 0)
  const oma = await Service.start(
    'oma',
    {
      DATABASE_URL: await migrated(),
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: `paris=${vma.url}`,
      VMA_PROGRESS_POLL_INTERVAL: '200ms',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
      VMA_PROGRESS_BACKOFF_BASE: '1s',
    },
    folder,
  )
  t.teardown(() => oma.stop())
  const { url: pagerUrl, alerts } = await pager(t)
  const alertmanager = await Alertmanager.start(
    deployed(
      'alertmanager.yml',
      ['http://127.0.0.1:9095/alerts', pagerUrl],
      ['group_wait: 15s', 'group_wait: 0s'],
      ['group_interval: 2m', 'group_interval: 1s'],
    ),
    folder,
  )
  t.teardown(() => alertmanager.stop())
  deployed('sightline.rules.yml')
  deployed('sightline.alerts.yml', [/for: \d+m/g, 'for: 1s'])
  const prometheus = await Prometheus.start(
    deployed(
      'prometheus.yml',
      [/_interval: 15s/g, '_interval: 1s'],
      ['127.0.0.1:9093', alertmanager.address],
      ['127.0.0.1:8082', new URL(oma.url).host],
      ['127.0.0.1:8081', new URL(vma.url).host],
    ),
    folder,
  )
  t.teardown(() => prometheus.stop())

  t.test(
    '[MON-2] every query of both dashboards is answered with at least one series by a real Prometheus',
    async (t) => {
      const reporting = setInterval(() => {
        // One that does not get through is made up for by the next.
        report(vma, Date.now() % 2 ** 32).catch(() => undefined)
      }, 200)
      try {
        // Three scrapes of each: rates need two.
        await seriesWhere(
          prometheus,
          'min(count_over_time(up[1m])) >= 3 and count(up == 1) == 2',
          (series) => series.length === 1,
        )
        await seriesWhere(prometheus, 'sum(sightline_active_jobs) == 1', (series) => series.length === 1)
      } finally {
        clearInterval(reporting)
      }
      for (const name of DASHBOARDS) {
        for (const { panel, expr } of queriesOf(dashboard(name))) {
          t.ok((await prometheus.query(expr)).length > 0, `${panel}: ${expr}`)
        }
      }
      const broken = (await prometheus.rules()).filter(({ health }) => health === 'err')
      t.same(broken, [], 'every rule can be evaluated')
      t.ok((await prometheus.query('instance:sightline_active_jobs:sum')).length > 0, 'what is recorded is there')
    },
  )

  t.test('[MET-1] samples that a change feed brings are counted, and how it stands is told', async (t) => {
    const one = (found: readonly Series[]): boolean => found.length === 1
    for (const expr of [
      'sightline_vma_feed_state{vma="paris",state="following"} == 1',
      'sightline_feed_samples_total > 0',
      'sightline_vma_waiting_polls == 1',
    ])
      t.ok(await seriesWhere(prometheus, expr, one), expr)
  })

  t.test(
    '[MON-1] a VMA that is killed becomes a firing alert, delivered with its runbook, and is resolved',
    async (t) => {
      const delivered = (status: string) =>
        until(
          `the alert is delivered as ${status}`,
          async () =>
            alerts.find((one) => one.labels['alertname'] === 'SightlineVmaUnreachable' && one.status === status),
          BOUND_MS,
        )
      t.same(await prometheus.query('ALERTS{alertname="SightlineVmaUnreachable"}'), [])
      await vma.stop('SIGKILL')
      const alert = await delivered('firing')
      t.match(alert, {
        status: 'firing',
        labels: { vma: 'paris', severity: 'critical', job: 'sightline-oma' },
        annotations: { summary: 'VMA paris cannot be reached', runbook: 'docs/alerts.md#sightlinevmaunreachable' },
      })
      t.match(await prometheus.query('sightline_vma_up'), [{ metric: { vma: 'paris' }, value: [Number, '0'] }])

      const again = await Service.start('vma', onItsPort, folder)
      t.teardown(() => again.stop())
      t.match(await delivered('resolved'), { labels: { vma: 'paris' } })
    },
  )
})
