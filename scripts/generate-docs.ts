/**
 * Writes the generated documents; with `--check` only compares them with what is committed and exits 1 on a difference.
 * To add one: a line in DOCUMENTS.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { omaAsyncApi, omaOpenApi, vmaOpenApi } from './api-documents.ts'
import { configDocument } from './config-document.ts'
import { envExample } from './env-example.ts'
import { fleetDashboard } from './grafana/fleet.ts'
import { serviceDashboard } from './grafana/service.ts'
import { machineCharts } from './machine-charts.ts'
import { performanceDocument } from './performance/document.ts'
import { PLOTS } from './performance/plots.ts'
import { readResults } from './performance/results.ts'
import { telemetryDocument } from './telemetry-document.ts'

interface GeneratedDocument {
  readonly path: string
  readonly render: () => string
}

const results = readResults()

const DOCUMENTS: readonly GeneratedDocument[] = [
  { path: '.env.example', render: envExample },
  { path: 'config/deploy/grafana/fleet.json', render: fleetDashboard },
  { path: 'config/deploy/grafana/service.json', render: serviceDashboard },
  { path: 'docs/asyncapi.json', render: omaAsyncApi },
  { path: 'docs/config.md', render: configDocument },
  { path: 'docs/machines.md', render: machineCharts },
  { path: 'docs/openapi-oma.json', render: omaOpenApi },
  { path: 'docs/openapi-vma.json', render: vmaOpenApi },
  {
    path: 'docs/performance.md',
    render: () => performanceDocument(readFileSync('docs/performance.template.md', 'utf8'), results, PLOTS),
  },
  ...PLOTS.map(({ name, draw }) => ({ path: `docs/img/perf-${name}.svg`, render: () => draw(results) })),
  { path: 'docs/telemetry.md', render: telemetryDocument },
]

function committed(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const stale = DOCUMENTS.filter(({ path, render }) => committed(path) !== render())
if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} differs from what its source says: run \`npm run docs\`.`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, render } of stale) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, render())
  }
  console.log(stale.length === 0 ? 'Nothing to change.' : `Written: ${stale.map(({ path }) => path).join(', ')}`)
}
