/** docs/telemetry.md out of the tables of metrics and events. */

import { EVENTS, type EventLine } from '../src/telemetry/events.ts'
import { DATABASE_METRICS } from '../src/telemetry/metrics/database.ts'
import { JOB_METRICS, LINK_METRICS, POLLING_METRICS } from '../src/telemetry/metrics/polling.ts'
import { SHARED_METRICS } from '../src/telemetry/metrics/shared.ts'
import { STREAM_METRICS } from '../src/telemetry/metrics/stream.ts'
import type { MetricTable } from '../src/telemetry/metrics/table.ts'
import { VMA_METRICS } from '../src/telemetry/metrics/vma.ts'

const VMA_ONLY = Object.fromEntries(Object.entries(VMA_METRICS).filter(([name]) => !(name in SHARED_METRICS)))

const SECTIONS: readonly (readonly [title: string, table: MetricTable])[] = [
  ['Both services', SHARED_METRICS],
  ['OMA: jobs', JOB_METRICS],
  ['OMA: polling', POLLING_METRICS],
  ['OMA: VMAs', LINK_METRICS],
  ['OMA: database', DATABASE_METRICS],
  ['OMA: stream', STREAM_METRICS],
  ['VMA service', VMA_ONLY],
]

export function telemetryDocument(): string {
  const metrics = SECTIONS.map(([title, table]) => `### ${title}\n\n${metricRows(table)}`)
  return [HEAD, METRICS, ...metrics, EVENTS_HEAD, eventRows()].join('\n\n') + '\n'
}

const HEAD = `# Telemetry

<!-- Generated from src/telemetry/metrics/ and src/telemetry/events.ts by \`npm run docs\`. Change it there. -->

What the services tell of themselves: numbers at \`/metrics\`, and events, which are log lines. Rules and dashboards that use
them lie in \`config/deploy/\`; what to do when an alert fires stands in [alerts.md](alerts.md).`

const METRICS = `## Metrics

\`GET /metrics\` of both services, in the text format of Prometheus (MET-1); who may read it says METRICS_AUTH
([config.md](config.md)). Everything is read at the scrape. A counter starts at 0 with the service and stands there from the
start, also where nothing was counted yet. Labels are words of this table and names of the settings: no job, VM or client is a label,
so the number of series does not grow with what is migrated. Beside these come \`process_*\` and \`nodejs_*\` of the process.`

const EVENTS_HEAD = `## Events

An event is one log line of a level and a text that do not change, with the fields named here. The metrics beside it count it or
show what it led to; JobLog is what stays in the database of a job (LOG-1). With \`LOG_FORMAT=ecs\` the fields \`job_id\`, \`vm_name\` and
\`correlation_id\` are \`labels.*\`, \`err\` is \`error.*\`, all others are \`sightline.*\`.`

function metricRows(table: MetricTable): string {
  const rows = Object.entries(table).map(([name, { type, labels, unit, help, from }]) => {
    const told = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`)
    return row([`\`${name}\``, type, told.join('; '), unit, help, from])
  })
  return [row(['Name', 'Type', 'Labels', 'Unit', 'Meaning', 'From']), row(Array(6).fill('---')), ...rows].join('\n')
}

function eventRows(): string {
  const rows = Object.entries<EventLine>(EVENTS).map(([name, { level, message, fields, metrics, jobLog = '' }]) =>
    row([name, level, message, code(fields), code(metrics), jobLog]),
  )
  return [row(['Event', 'Level', 'Text', 'Fields', 'Metrics', 'JobLog']), row(Array(6).fill('---')), ...rows].join('\n')
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
