import t from 'tap'
import { describeFault, loadSettings } from '../../config/load.ts'
import type { Sources } from '../../config/load.ts'
import type { Settings } from '../../config/schema.ts'

function settingsOf(sources: Sources): Settings {
  const loaded = loadSettings(sources)
  if ('faults' in loaded) throw new Error(loaded.faults.map(describeFault).join('\n'))
  return loaded.settings
}

function faultsOf(sources: Sources): string[] {
  const loaded = loadSettings(sources)
  return 'faults' in loaded ? loaded.faults.map(describeFault) : []
}

const file = (values: unknown, path = 'site.json') => ({ path, text: JSON.stringify(values) })

t.test('[CFG-1] without sources every setting has its documented default', async (t) => {
  const settings = settingsOf({})
  t.match(settings, {
    pollIntervalMs: 2_000,
    maxConcurrentPerVma: 64,
    maxErrors: 5,
    httpTimeoutMs: 10_000,
    vmas: [{ name: 'localhost:9081', url: 'http://localhost:9081' }],
    backoffBaseMs: 5_000,
    startupGraceMs: 30_000,
    contactTimeoutMs: 300_000,
    discoveryIntervalMs: 5_000,
    revive: true,
    followFeeds: true,
    fetchThreads: 1,
    vmaHttpHost: '127.0.0.1',
    vmaHttpPort: 8081,
    registration: 'implicit',
    retentionMs: 900_000,
    idleRetentionMs: 86_400_000,
    maxJobs: 100_000,
    omaHttpHost: '127.0.0.1',
    omaHttpPort: 8082,
    apiTokens: [],
    vmaApiTokens: [],
    clientToken: '',
    database: { dialect: 'sqlite', file: 'data/sightline.db' },
    databaseTimeZone: 'system',
    databasePoolSize: 8,
    logLevel: 'info',
    logFormat: 'json',
    vcenters: {},
  })
  t.equal(settings.activeStatuses.length, 9)
})

t.test('[CFG-1] defaults < files in order < environment < flags, and each value remembers its source', async (t) => {
  const loaded = loadSettings({
    files: [
      file({ pollIntervalMs: '3s', maxErrors: 6, httpTimeoutMs: 1_500 }, 'default.json'),
      file({ maxErrors: 7, databasePoolSize: 3, revive: false }),
    ],
    env: { VMA_PROGRESS_MAX_ERRORS: '8', DATABASE_POOL_SIZE: '4', PATH: '/bin' },
    flags: { databasePoolSize: '5' },
  })
  if ('faults' in loaded) return t.fail(loaded.faults.map(describeFault).join())
  t.match(loaded.settings, {
    pollIntervalMs: 3_000,
    httpTimeoutMs: 1_500,
    maxErrors: 8,
    databasePoolSize: 5,
    revive: false,
  })
  t.same(loaded.origins.pollIntervalMs, { source: 'file', name: 'default.json' })
  t.same(loaded.origins.revive, { source: 'file', name: 'site.json' })
  t.same(loaded.origins.maxErrors, { source: 'env', name: 'VMA_PROGRESS_MAX_ERRORS' })
  t.same(loaded.origins.databasePoolSize, { source: 'flag', name: '--database-pool-size' })
  t.same(loaded.origins.logLevel, { source: 'default', name: 'default' })
})

t.test('[CFG-1] all faults of all sources are told at once, in the words of their source', async (t) => {
  const faults = faultsOf({
    files: [file({ maxErrors: 'five', httpTimeoutMs: true, pollIntervallMs: 1 }), { path: 'bad.json', text: '{' }],
    env: { VMA_PROGRESS_POLL_INTERVAL: '2', OMA_HTTP_PORT: '70000', LOG_LEVEL: 'inof', OMA_HTTP_PROT: '1' },
    flags: { revive: 'perhaps' },
  })
  t.equal(faults.length, 9, faults.join('\n'))
  for (const told of [
    /^site\.json: maxErrors is not a whole number$/,
    /^site\.json: httpTimeoutMs is no duration$/,
    /^site\.json: pollIntervallMs is not a setting \(did you mean pollIntervalMs\?\)$/,
    /^bad\.json: is not JSON/,
    /^VMA_PROGRESS_POLL_INTERVAL is not a duration: write a number with its unit/,
    /^OMA_HTTP_PORT must be 0 to 65535$/,
    /^LOG_LEVEL has no value "inof" \(did you mean info\?\)/,
    /^OMA_HTTP_PROT is not a setting \(did you mean OMA_HTTP_PORT\?\)$/,
    /^--revive must be on or off$/,
  ]) {
    t.ok(
      faults.some((fault) => told.test(fault)),
      String(told),
    )
  }
})

t.test('[CFG-1] names outside our prefixes are none of our business', async (t) => {
  t.same(faultsOf({ env: { DATABASE_HOST: 'x', VMAX: '1', OMAR: 'x', LOGNAME: 'root', HTTP_PROXY: 'x' } }), [])
  for (const name of ['VMA_PROGRESS_X', 'VMA_HTTP_X', 'VMA_API_X', 'VMA_TLS_X', 'OMA_X', 'LOG_X']) {
    t.match(faultsOf({ env: { [name]: '1' } }), [`${name} is not a setting`])
  }
})

t.test('[CFG-1] an empty text is "not set"', async (t) => {
  const empty = {
    files: [file({ maxErrors: '', httpTimeoutMs: null })],
    env: { LOG_LEVEL: ' ' },
    flags: { omaHttpPort: '' },
  }
  t.strictSame(settingsOf(empty), settingsOf({}))
  t.equal(settingsOf({ ...empty, env: { VMA_PROGRESS_MAX_ERRORS: '9' }, flags: { maxErrors: '' } }).maxErrors, 9)
})

t.test('[CFG-1] a file that cannot be read, and one that is no object, are faults', async (t) => {
  t.match(faultsOf({ files: [{ path: 'gone.json', problem: 'cannot be read: ENOENT' }] }), [
    'gone.json: cannot be read: ENOENT',
  ])
  t.match(faultsOf({ files: [file([1])] }), ['site.json: is not a JSON object'])
})

t.test('[SEC-2] no fault repeats a token of the settings file', async (t) => {
  for (const text of ['{"apiTokens": "hunter2" oops}', '{"apiTokens": hunter2}', 'hunter2', '{"apiTokens":"hunter2"']) {
    const faults = faultsOf({ files: [{ path: 'site.json', text }] })
    t.match(faults, [/^site\.json: is not JSON/])
    t.notMatch(faults.join('\n'), /hunter2/)
  }
  t.notMatch(faultsOf({ files: [file({ apiTokens: ['hunter2,x'] })] }).join('\n'), /hunter2/)
})

t.test('[SEC-1] an address that others can reach is refused without tokens', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.7', 'oma.example', '127.evil.example', '[::]']) {
    t.match(faultsOf({ env: { OMA_HTTP_HOST: host } }), [/^OMA_HTTP_HOST .* needs OMA_API_TOKENS/], host)
    t.same(faultsOf({ env: { OMA_HTTP_HOST: host, OMA_API_TOKENS: 'a-token' } }), [], host)
  }
  t.match(faultsOf({ env: { VMA_HTTP_HOST: '0.0.0.0' } }), [/^VMA_HTTP_HOST .* needs VMA_API_TOKENS/])
  t.same(faultsOf({ env: { VMA_HTTP_HOST: '0.0.0.0', VMA_API_TOKENS: 'a-token' } }), [])
  for (const host of ['127.0.0.1', '127.8.9.1', 'localhost', '::1', '[::1]']) {
    t.same(faultsOf({ env: { OMA_HTTP_HOST: host } }), [], host)
  }
})

t.test('[CFG-1] a fault in one setting does not hide the broken rule between two others', async (t) => {
  const faults = faultsOf({ env: { OMA_HTTP_HOST: '0.0.0.0', LOG_FORMAT: 'xml', VMA_PROGRESS_CONTACT_TIMEOUT: '2s' } })
  t.equal(faults.length, 3)
  t.match(faults.join('\n'), /CONTACT_TIMEOUT must be longer than VMA_PROGRESS_POLL_INTERVAL/)
})

t.test('[CFG-1] vcenters maps hosts to VMAs that exist, and only in the file', async (t) => {
  const env = { VMA_PROGRESS_CLIENT_URL: 'berlin=http://localhost:9081,paris=http://localhost:9082' }
  const good = loadSettings({ env, files: [file({ vcenters: { 'vc1.example': 'paris' } })] })
  t.match(good, { settings: { vcenters: { 'vc1.example': 'paris' } }, origins: { vcenters: { source: 'file' } } })
  t.match(faultsOf({ env, files: [file({ vcenters: { 'vc1.example': 'pariss' } })] }), [
    /^site\.json: vcenters sends "vc1\.example" to "pariss", .* \(did you mean paris\?\)$/,
  ])
  t.match(faultsOf({ files: [file({ vcenters: ['paris'] })] }), [/must be an object/])
  t.match(faultsOf({ files: [file({ vcenters: { a: 1 } })] }), [/must be an object/])
})
