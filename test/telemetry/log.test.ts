import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import t from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'
import { EVENTS, tell, type EventName } from '../../src/telemetry/events.ts'
import { createLogger, type Logger } from '../../src/telemetry/log.ts'

const ID = correlationId('job-1')

/** A logger whose lines are read back. */
function rig(format: 'json' | 'ecs') {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const log: Logger = createLogger({ level: 'debug', format, service: 'oma' }, { write })
  return { log, lines }
}

/** As a driver throws it: with the statement and its address in fields of its own. */
function driverError(): Error {
  const cause = new Error('connect to mysql://root:s3cret@db:3306/x')
  return Object.assign(new RangeError('no answer', { cause }), { code: 'ECONNREFUSED', sql: 's3cret', host: 's3cret' })
}

t.test('[LOG-1] an ECS line, field by field', async (t) => {
  const { log, lines } = rig('ecs')
  log.warn({ err: driverError(), job_id: 'job-1', vm_name: 'vm-1', correlation_id: ID, url: 'http://x', lost: 3 }, 'hm')
  const [line] = lines
  const { '@timestamp': at, error, ...rest } = line ?? {}
  t.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  t.same(rest, {
    'log.level': 'warn',
    'log.logger': 'oma',
    'process.pid': process.pid,
    'host.hostname': hostname(),
    'ecs.version': '8.10.0',
    'service.name': 'sightline-oma',
    'event.dataset': 'sightline-oma',
    labels: { job_id: 'job-1', vm_name: 'vm-1', correlation_id: ID },
    trace: { id: ID.replaceAll('-', '') },
    sightline: { url: 'http://x', lost: 3 },
    message: 'hm',
  })
  t.match(error, {
    type: 'RangeError',
    code: 'ECONNREFUSED',
    message: /^no answer: connect to/,
    stack_trace: /log\.test/,
  })
  t.same(Object.keys(error as object).toSorted(), ['code', 'message', 'stack_trace', 'type'])
})

t.test('[LOG-1] an ECS line that is about no job has no empty fields; a bare error is one', async (t) => {
  const { log, lines } = rig('ecs')
  log.info('up')
  log.error(new Error('bare'))
  log.error({ err: 'thrown text' }, 'odd')
  t.same(
    Object.keys(lines[0] ?? {}).filter((key) => ['labels', 'trace', 'sightline', 'error'].includes(key)),
    [],
  )
  t.match(lines[1], { message: 'bare', error: { type: 'Error', message: 'bare' } })
  t.match(lines[2], { message: 'odd', error: { message: 'thrown text' } })
})

t.test('[LOG-1] a JSON line keeps our own names', async (t) => {
  const { log, lines } = rig('json')
  log.info({ job_id: 'job-1', correlation_id: ID }, 'job moved on')
  t.match(lines, [{ level: 30, name: 'oma', job_id: 'job-1', correlation_id: ID, msg: 'job moved on' }])
})

t.test('[SEC-2] of an error no password, statement or further field is told, in either format', async (t) => {
  for (const format of ['json', 'ecs'] as const) {
    const { log, lines } = rig(format)
    log.error({ err: driverError() }, 'failed')
    t.match(JSON.stringify(lines), /no answer.*ECONNREFUSED/)
    t.match(JSON.stringify(lines), /mysql:\/\/\*\*\*@db/)
    t.notMatch(JSON.stringify(lines), /s3cret/, format)
  }
})

/** Every field of a line by its whole name; what is below `labels` and `sightline` is ours. */
function fieldsOf(line: Readonly<Record<string, unknown>>, prefix = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(line).flatMap(([name, value]): readonly (readonly [string, unknown])[] => {
    const whole = `${prefix}${name}`
    if (whole === 'sightline') return []
    const isNested = typeof value === 'object' && value !== null && whole !== 'labels'
    return isNested ? fieldsOf(value as Record<string, unknown>, `${whole}.`) : [[whole, value]]
  })
}

t.test('[LOG-4] every event is a line whose fields the Elastic Common Schema has, with their types', async (t) => {
  const published = JSON.parse(readFileSync(new URL('../fixtures/ecs-fields.json', import.meta.url), 'utf8')) as {
    readonly fields: Readonly<Record<string, string>>
  }
  const { log, lines } = rig('ecs')
  for (const name of Object.keys(EVENTS) as EventName[]) {
    const values = EVENTS[name].fields.map((field) => [field, field === 'err' ? driverError() : `a ${field}`])
    tell(log, name, Object.fromEntries(values) as never)
  }
  log.error(driverError())
  log.info(
    { level: 'x', time: 1, message: 'of a field', trace: 'y', host: 'z' },
    'names that ECS has for something else',
  )
  t.equal(lines.length, Object.keys(EVENTS).length + 2)
  for (const line of lines) {
    for (const [field, value] of fieldsOf(line)) {
      t.equal(typeof value, published.fields[field], `${field} of "${String(line['message'])}"`)
    }
    const labels = Object.values((line['labels'] ?? {}) as Record<string, unknown>)
    t.ok(
      labels.every((label) => typeof label === 'string'),
      'labels are keywords',
    )
  }
})
