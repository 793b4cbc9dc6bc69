/**
 * Every setting, once: key (with its unit), names in the environment and on the command line, kind with bounds, default
 * and meaning. Loading, `sightline check`, the commands' flags and docs/config.md all read this table (CFG-1).
 * What has to hold between two settings stands in rules.ts.
 */

import { access } from './access-settings.ts'
import { apiAccess } from './api-access-settings.ts'
import { databaseUrl } from './endpoints.ts'
import { duration, host, integer, oneOf, timeZone, tokenList } from './kinds.ts'
import { originList } from './origins.ts'
import { pemFile } from './pem.ts'
import { polling } from './polling-settings.ts'
import { DAY, MINUTE, setting } from './setting.ts'
import type { Setting } from './setting.ts'
import { telemetry } from './telemetry-settings.ts'

const vmaService = {
  vmaHttpHost: setting({
    group: 'VMA service',
    env: 'VMA_HTTP_HOST',
    flag: '--vma-host',
    kind: host,
    defaultText: '127.0.0.1',
    doc: 'Address that the VMA service listens on. Any but a loopback address needs tokens (SEC-1).',
  }),
  vmaHttpPort: setting({
    group: 'VMA service',
    env: 'VMA_HTTP_PORT',
    flag: '--vma-port',
    kind: integer(0, 65_535),
    defaultText: '8081',
    doc: 'Port of the VMA service; 0 takes any free one.',
  }),
  vmaApiTokens: setting({
    group: 'VMA service',
    env: 'VMA_API_TOKENS',
    flag: '--vma-api-tokens',
    kind: tokenList,
    defaultText: '',
    doc: 'Bearer tokens that open the VMA service to migratekit and the OMA, each plain or as `sha256:<hex>`; none leaves it open to this machine. Prefer the environment or the file to the flag.',
    secret: true,
  }),
  vmaTlsCert: setting({
    group: 'VMA service',
    env: 'VMA_TLS_CERT',
    flag: '--vma-tls-cert',
    kind: pemFile('certificate'),
    defaultText: '',
    doc: 'Certificate of the VMA service, with its chain: it then speaks https. Goes with VMA_TLS_KEY.',
  }),
  vmaTlsKey: setting({
    group: 'VMA service',
    env: 'VMA_TLS_KEY',
    flag: '--vma-tls-key',
    kind: pemFile('key'),
    defaultText: '',
    doc: 'Key of that certificate, without a passphrase.',
  }),
  registration: setting({
    group: 'VMA service',
    env: 'VMA_PROGRESS_REGISTRATION',
    flag: '--registration',
    kind: oneOf(['implicit', 'explicit']),
    defaultText: 'implicit',
    doc: 'Whether the first update of an unknown job registers it, or a PUT has to (VMA-3).',
  }),
  retentionMs: setting({
    group: 'VMA service',
    env: 'VMA_PROGRESS_RETENTION',
    flag: '--retention',
    kind: duration(0, 30 * DAY),
    defaultText: '15m',
    doc: 'How long a finished job stays readable (VMA-9).',
  }),
  idleRetentionMs: setting({
    group: 'VMA service',
    env: 'VMA_PROGRESS_IDLE_RETENTION',
    flag: '--idle-retention',
    kind: duration(MINUTE, 365 * DAY),
    defaultText: '24h',
    doc: 'How long an unfinished job without updates stays readable (VMA-9).',
  }),
  maxJobs: setting({
    group: 'VMA service',
    env: 'VMA_PROGRESS_MAX_JOBS',
    flag: '--max-jobs',
    kind: integer(1, 10_000_000),
    defaultText: '100000',
    doc: 'Jobs kept in memory; past it the oldest finished one goes first (VMA-9).',
  }),
}

const omaService = {
  omaHttpHost: setting({
    group: 'OMA service',
    env: 'OMA_HTTP_HOST',
    flag: '--oma-host',
    kind: host,
    defaultText: '127.0.0.1',
    doc: 'Address that the OMA service listens on. Any but a loopback address needs tokens (SEC-1).',
  }),
  omaHttpPort: setting({
    group: 'OMA service',
    env: 'OMA_HTTP_PORT',
    flag: '--oma-port',
    kind: integer(0, 65_535),
    defaultText: '8082',
    doc: 'Port of the OMA service; 0 takes any free one.',
  }),
  omaTlsCert: setting({
    group: 'OMA service',
    env: 'OMA_TLS_CERT',
    flag: '--oma-tls-cert',
    kind: pemFile('certificate'),
    defaultText: '',
    doc: 'Certificate of the OMA service, with its chain: it then speaks https. Goes with OMA_TLS_KEY.',
  }),
  omaTlsKey: setting({
    group: 'OMA service',
    env: 'OMA_TLS_KEY',
    flag: '--oma-tls-key',
    kind: pemFile('key'),
    defaultText: '',
    doc: 'Key of that certificate, without a passphrase.',
  }),
  streamOrigins: setting({
    group: 'OMA service',
    env: 'OMA_STREAM_ORIGINS',
    flag: '--stream-origins',
    kind: originList,
    defaultText: '',
    doc: 'Origins whose web pages may open the stream and read what is below `/api/v1/` (CORS), besides pages of the address it is reached at (WS-5); `*` lets any in. Programs that send no Origin header are not asked.',
  }),
}

const database = {
  database: setting({
    group: 'Database',
    env: 'DATABASE_URL',
    flag: '--database-url',
    kind: databaseUrl,
    defaultText: 'sqlite:data/sightline.db',
    doc: 'The OMA database: `mysql://user:password@host:3306/migratekit_oma`, or `sqlite:<file>` for the embedded one.',
  }),
  databaseTimeZone: setting({
    group: 'Database',
    env: 'DATABASE_TIME_ZONE',
    flag: '--database-time-zone',
    kind: timeZone,
    defaultText: 'system',
    doc: "Zone in which the database's `datetime` columns are written.",
  }),
  databasePoolSize: setting({
    group: 'Database',
    env: 'DATABASE_POOL_SIZE',
    flag: '--database-pool-size',
    kind: integer(1, 256),
    defaultText: '8',
    doc: 'Connections to MariaDB or MySQL at most. The embedded database has one.',
  }),
}

export const SETTINGS = { ...polling, ...access, ...vmaService, ...omaService, ...apiAccess, ...database, ...telemetry }

export type SettingKey = keyof typeof SETTINGS

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key)
}

export const SETTING_KEYS = Object.keys(SETTINGS).filter(isSettingKey)

type ValueOf<S> = S extends Setting<infer T> ? T : never

/** All settings with their values. Durations are in milliseconds; what a key means stands in the table above. */
export type Settings = { readonly [Key in SettingKey]: ValueOf<(typeof SETTINGS)[Key]> } & {
  /** vCenter host → VMA name. Only the settings file has it: `"vcenters": {"vcenter-01.example": "vma1"}`. */
  readonly vcenters: Readonly<Record<string, string>>
}

/** The table with key and value type tied together, for code that walks it. */
const TABLE: { readonly [Key in SettingKey]: Setting<Settings[Key]> } = SETTINGS

/** The value as text for people and logs; a secret only says how much of it there is. */
export function showSetting<Key extends SettingKey>(key: Key, value: Settings[Key]): string {
  const text = TABLE[key].kind.show(value)
  if (TABLE[key].secret !== true || text === '') return text
  return Array.isArray(value) ? `*** (${value.length})` : '***'
}

/** The one key of the settings file that is not in the table. */
export const VCENTERS_KEY = 'vcenters'

/** Names a file to read after config/default.json; itself not a setting. */
export const CONFIG_ENV = 'SIGHTLINE_CONFIG'
export const CONFIG_FLAG = '--config'

/** Where commands that ask an OMA find it (CLI-3): no settings of a service, and no faults where one stands beside them. */
export const CLIENT_ENV = ['OMA_URL', 'OMA_TOKEN'] as const

/** An unknown variable that starts so is a fault; anything else in the environment is none of our business. */
export const ENV_PREFIXES = ['VMA_PROGRESS_', 'VMA_HTTP_', 'VMA_API_', 'VMA_TLS_', 'OMA_', 'LOG_'] as const
