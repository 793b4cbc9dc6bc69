import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { nodeWarning } from '../../src/cli/check.ts'
import { runCli } from '../../src/cli/program.ts'
import type { CommandEntry } from '../../src/cli/commands.ts'
import { ROOT } from '../arch/source-files.ts'
import { tlsFile, tlsText } from '../support/tls.ts'

const DAMAGED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const LOCKED_KEY = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter9' },
}).privateKey

/** The real launcher in a process of its own, without this machine's settings. */
function sightline(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin', 'sightline'), args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  return { status, stdout, stderr }
}

/** Runs a command line in this process over commands of the test's own. */
async function inProcess(
  args: readonly string[],
  commands: readonly CommandEntry[],
  env: Readonly<Record<string, string>> = {},
) {
  let [stdout, stderr] = ['', '']
  const io = {
    env,
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
  }
  const exitCode = await runCli(args, io, commands)
  return { exitCode, stdout, stderr }
}

function settingsFile(t: Test, values: unknown): string {
  const path = join(t.testdir(), 'site.json')
  writeFileSync(path, JSON.stringify(values))
  return path
}

t.test('[CFG-1] check prints every setting with its value and origin, secrets masked', async (t) => {
  const site = settingsFile(t, { maxErrors: 7 })
  const { status, stdout, stderr } = sightline(['check', '--poll-interval', '5s'], {
    SIGHTLINE_CONFIG: site,
    OMA_API_TOKENS: 'hunter2,hunter3',
    VMA_API_TOKENS: 'hunter5',
    VMA_PROGRESS_TOKEN: 'hunter6',
    VMA_PROGRESS_PROXY: 'http://oma:hunter7@proxy.example:3128',
    DATABASE_URL: 'mysql://oma:hunter4@db.example/migratekit_oma',
  })
  t.equal(status, 0, stderr)
  t.match(stdout, /^VMA_PROGRESS_POLL_INTERVAL +5s +flag --poll-interval$/m)
  t.match(stdout, new RegExp(`^VMA_PROGRESS_MAX_ERRORS +7 +file ${site}$`, 'm'))
  t.match(stdout, /^OMA_API_TOKENS +\*\*\* \(2\) +environment$/m)
  t.match(stdout, /^DATABASE_URL +mysql:\/\/oma:\*\*\*@db\.example:3306\/migratekit_oma +environment$/m)
  t.match(stdout, /^VMA_API_TOKENS +\*\*\* \(1\) +environment$/m)
  t.match(stdout, /^VMA_PROGRESS_TOKEN +\*\*\* +environment$/m)
  t.match(stdout, /^VMA_PROGRESS_PROXY +http:\/\/oma:\*\*\*@proxy\.example:3128 +environment$/m)
  t.match(stdout, /^LOG_LEVEL +info +default$/m)
  t.notMatch(stdout + stderr, /hunter/)
})

t.test('[CFG-1] check exits 1 and tells all faults on stderr', async (t) => {
  const { status, stdout, stderr } = sightline(['check', '--config', '/nowhere/site.json', '--log-format', 'xml'], {
    OMA_HTTP_HOST: '0.0.0.0',
    OMA_HTTP_PROT: '1',
  })
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /4 settings are wrong/)
  for (const told of [
    /\/nowhere\/site\.json: cannot be read/,
    /--log-format has no value/,
    /OMA_API_TOKENS/,
    /did you mean OMA_HTTP_PORT/,
  ]) {
    t.match(stderr, told)
  }
})

t.test('[CFG-2, SEC-2] check reads the TLS files, shows what single VMAs have, and no secret', async (t) => {
  const site = settingsFile(t, {
    vmas: {
      berlin: 'https://berlin.example:9081',
      paris: { url: 'https://paris.example', ca: tlsFile('cert.pem'), token: 'hunter8', proxy: 'none' },
    },
  })
  const { status, stdout, stderr } = sightline(['check', '--config', site], {
    VMA_PROGRESS_TLS_CA: tlsFile('authority.pem'),
    VMA_PROGRESS_TLS_CERT: tlsFile('client.pem'),
    VMA_PROGRESS_TLS_KEY: tlsFile('client.key'),
    OMA_TLS_CERT: tlsFile('server.pem'),
    OMA_TLS_KEY: tlsFile('server.key'),
  })
  t.equal(status, 0, stderr)
  t.match(
    stdout,
    /^VMA_PROGRESS_CLIENT_URL +berlin=https:\/\/berlin\.example:9081,paris=https:\/\/paris\.example +file /m,
  )
  t.match(stdout, /^VMA_PROGRESS_TLS_KEY +\/.*client\.key +environment$/m)
  t.match(stdout, /^vmas\.paris\.ca +\/.*cert\.pem +file /m)
  t.match(stdout, /^vmas\.paris\.token +\*\*\* +file /m)
  t.match(stdout, /^vmas\.paris\.proxy +\(none\) +file /m)
  t.notMatch(stdout, /vmas\.berlin/)
  t.notMatch(stdout + stderr, /hunter|PRIVATE KEY/)
})

t.test('[CFG-2, SEC-2] check tells every fault of the TLS files at once', async (t) => {
  const folder = t.testdir({ 'empty.pem': 'nothing', 'locked.key': LOCKED_KEY, 'damaged.pem': DAMAGED })
  const { status, stderr } = sightline(['check', '--client-tls-ca', join(folder, 'gone.pem')], {
    VMA_PROGRESS_TLS_CERT: folder,
    VMA_PROGRESS_TLS_KEY: join(folder, 'locked.key'),
    VMA_TLS_CERT: tlsFile('server.pem'),
    VMA_TLS_KEY: tlsFile('client.key'),
    OMA_TLS_CERT: tlsFile('server.pem'),
    OMA_TLS_CRT: 'x',
  })
  t.equal(status, 1)
  t.match(stderr, /6 settings are wrong/)
  for (const told of [
    /--client-tls-ca names .*gone\.pem, which does not exist/,
    /VMA_PROGRESS_TLS_CERT names .*, which is a folder/,
    /VMA_PROGRESS_TLS_KEY names .*locked\.key, whose key is damaged or needs a passphrase/,
    /VMA_TLS_KEY is not the key of VMA_TLS_CERT/,
    /OMA_TLS_CERT needs OMA_TLS_KEY beside it/,
    /OMA_TLS_CRT is not a setting \(did you mean OMA_TLS_CERT\?\)/,
  ]) {
    t.match(stderr, told)
  }
  const more = sightline(['check'], {
    VMA_PROGRESS_TLS_CA: join(folder, 'damaged.pem'),
    VMA_TLS_CERT: join(folder, 'empty.pem'),
    OMA_TLS_KEY: tlsText('server.key'),
    VMA_TLS_KEY: tlsFile('server.pem'),
  })
  t.match(more.stderr, /4 settings are wrong/)
  t.match(more.stderr, /damaged\.pem, which holds a damaged certificate/)
  t.match(more.stderr, /empty\.pem, which holds no PEM certificate/)
  t.match(more.stderr, /OMA_TLS_KEY holds PEM text: name a file/)
  t.match(more.stderr, /server\.pem, which holds no PEM key/)
  t.notMatch(more.stderr, /PRIVATE/)
})

t.test('[CLI-1] an unknown command or flag is told with a suggestion and exits 64', async (t) => {
  for (const [args, told] of [
    [['chek'], /unknown command 'chek'[^]*Did you mean check\?/],
    [['check', '--poll-intervall', '5s'], /unknown option '--poll-intervall'[^]*Did you mean --poll-interval\?/],
    [['check', 'extra'], /too many arguments/],
    [[], /Usage: sightline/],
  ] as const) {
    const { status, stdout, stderr } = sightline(args)
    t.equal(status, 64, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, told)
  }
})

t.test('[CLI-1] --help lists the commands and --version the version, without loading any command', async (t) => {
  const explosive: CommandEntry = {
    name: 'oma',
    summary: 'the OMA service',
    load: () => Promise.reject(new Error('loaded')),
  }
  const help = await inProcess(['--help'], [explosive])
  t.equal(help.exitCode, 0)
  t.match(help.stdout, /oma .*the OMA service/)
  t.match((await inProcess(['--version'], [explosive])).stdout, /^\d+\.\d+\.\d+/)
  t.match((await inProcess(['oma', '--help'], [explosive])).stdout, /--poll-interval <duration>/)
})

t.test('[CLI-1] a command gets loaded settings, its own flags and arguments, and decides the exit code', async (t) => {
  const seen: unknown[] = []
  const watch: CommandEntry = {
    name: 'watch',
    summary: 'follow a job',
    argument: '[name]',
    options: [{ flags: '--rows <number>', summary: 'rows', fallback: '20' }],
    load: async () => ({
      run: async (settings, { flags, args }) => {
        seen.push(settings.maxErrors, settings.vmas.length, flags, args)
        return 7
      },
    }),
  }
  const { exitCode } = await inProcess(['watch', 'pgtest1', '--max-errors', '3'], [watch], { LOG_LEVEL: 'warning' })
  t.equal(exitCode, 7)
  t.same(seen, [3, 1, { rows: '20' }, ['pgtest1']])
})

t.test('[CFG-1] a command with faulty settings does not run', async (t) => {
  const never: CommandEntry = { name: 'oma', summary: 'x', load: () => Promise.reject(new Error('loaded')) }
  const { exitCode, stderr } = await inProcess(['oma', '--max-errors', '0'], [never])
  t.equal(exitCode, 1)
  t.match(stderr, /1 setting is wrong:\n +--max-errors must be 1 to 1000/)
})

t.test('check says when this Node could not start a service', async (t) => {
  t.equal(nodeWarning('22.18.0'), undefined)
  t.equal(nodeWarning('24.1.0'), undefined)
  for (const version of ['20.20.2', '22.17.1']) t.match(nodeWarning(version), /services need Node 22\.18 or later/)
})
