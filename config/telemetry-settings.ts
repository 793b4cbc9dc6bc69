/** The settings of logs and metrics, for schema.ts. */

import { integer, oneOf } from './kinds.ts'
import { setting } from './setting.ts'

export const telemetry = {
  logLevel: setting({
    group: 'Logs and metrics',
    env: 'LOG_LEVEL',
    flag: '--log-level',
    kind: oneOf(['trace', 'debug', 'info', 'warn', 'error'], { warning: 'warn' }),
    defaultText: 'info',
    doc: 'The least serious line that is written; `warning` is read as `warn`. It can be changed while a service runs (LOG-2).',
  }),
  logFormat: setting({
    group: 'Logs and metrics',
    env: 'LOG_FORMAT',
    flag: '--log-format',
    kind: oneOf(['json', 'pretty', 'ecs']),
    defaultText: 'json',
    doc: 'Lines for machines (`json`), for people (`pretty`) or in the Elastic Common Schema (`ecs`).',
  }),
  logRepeatLimit: setting({
    group: 'Logs and metrics',
    env: 'LOG_REPEAT_LIMIT',
    flag: '--log-repeat-limit',
    kind: integer(0, 1_000_000),
    defaultText: '20',
    doc: 'How often a minute the same warning or error (by message and code) is written; how many more there were is told in one line. 0 writes all (LOG-3).',
  }),
  metricsAuth: setting({
    group: 'Logs and metrics',
    env: 'METRICS_AUTH',
    flag: '--metrics-auth',
    kind: oneOf(['auto', 'open', 'token']),
    defaultText: 'auto',
    doc: 'Who may read `/metrics`: anybody who reaches the port (`open`), bearers of a token with scope `read` (`token`), or `auto`: open while the service listens on a loopback address, by token otherwise. Behind a proxy that others reach, say `token` (MET-2). A VMA service without tokens asks for none.',
  }),
}
