import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { OMA_METRICS } from '../../src/telemetry/metrics/oma.ts'
import { VMA_METRICS } from '../../src/telemetry/metrics/vma.ts'
import { ROOT } from '../arch/source-files.ts'
import { dashboard, DASHBOARDS, queriesOf } from '../support/dashboards.ts'
import { promtool } from '../support/prometheus.ts'

const FOLDER = join(ROOT, 'config/deploy/prometheus')
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
const ALERTS = read('sightline.alerts.yml')

/** Each alert with the text of its rule. */
const RULES = ALERTS.split(/^ *- alert: /m)
  .slice(1)
  .map((text) => ({ name: /^\w+/.exec(text)?.[0] ?? '', text }))

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading)
  return new Set(headings.map((heading) => heading.toLowerCase().replaceAll(' ', '-')))
}

t.test(
  '[MON-1] promtool is content with configuration, rules and alerts, and each alert fires when it should',
  async (t) => {
    const config = promtool(['check', 'config', join(FOLDER, 'prometheus.yml')])
    t.ok(config.ok, config.said)
    const tests = readdirSync(join(FOLDER, 'tests')).map((file) => join(FOLDER, 'tests', file))
    const rules = promtool(['test', 'rules', ...tests])
    t.ok(rules.ok, rules.said)
  },
)

t.test(
  '[MON-1] each alert has a summary, a severity, a test that sees it fire, and an entry of its own in docs/alerts.md',
  async (t) => {
    const anchors = anchorsOf(readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8'))
    const tests = read('tests/sightline.test.yml')
    t.ok(RULES.length >= 10)
    for (const { name, text } of RULES) {
      const anchor = /runbook: docs\/alerts\.md#(\S+)/.exec(text)?.[1] ?? 'none'
      t.equal(anchor, name.toLowerCase(), name)
      t.ok(anchors.has(anchor), `docs/alerts.md has no entry ${name}`)
      t.match(text, /severity: (critical|warning)/, name)
      t.match(text, /summary: /, name)
      t.match(tests, new RegExp(`alertname: ${name}\\n +exp_alerts:`), `${name} is seen to fire`)
    }
    for (const anchor of anchors) {
      if (anchor.startsWith('sightline'))
        t.ok(
          RULES.some(({ name }) => name.toLowerCase() === anchor),
          `${anchor} is an alert`,
        )
    }
  },
)

t.test('[MON-2] rules, alerts and dashboards ask for metrics that there are', async (t) => {
  const known = new Set([...Object.keys(OMA_METRICS), ...Object.keys(VMA_METRICS)])
  const texts = [
    ALERTS,
    read('sightline.rules.yml'),
    ...DASHBOARDS.flatMap((name) => queriesOf(dashboard(name)).map(({ expr }) => expr)),
  ]
  for (const text of texts) {
    for (const [name] of text.matchAll(/(?<![:\w])sightline_\w+/g)) {
      const base = name.replace(/_bucket$/, '')
      t.ok(known.has(base), `${base} is in no table`)
    }
  }
})

for (const name of DASHBOARDS) {
  t.test(
    `[MON-2] dashboard ${name}: every panel has a title, a description, a unit, and a place of its own`,
    async (t) => {
      const { panels, templating, schemaVersion } = dashboard(name)
      t.ok(schemaVersion >= 39)
      t.match(templating.list[0], { name: 'datasource', type: 'datasource' })
      t.ok(panels.length > 8)
      const taken = new Set<string>()
      for (const { type, title, description = '', fieldConfig, targets = [], gridPos } of panels) {
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
          t.ok(x < 24, `${title} is within the grid`)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
            if (taken.has(`${x} ${y}`)) t.fail(`${title} lies over another panel`)
            taken.add(`${x} ${y}`)
          }
        }
        if (type === 'row') continue
        t.ok(description.length > 10, title)
        t.type(fieldConfig?.defaults.unit, 'string', title)
        t.ok(targets.length > 0, title)
      }
    },
  )
}
