import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { nodeWarning } from '../../src/cli/check.ts'
import { runCli } from '../../src/cli/program.ts'
import type { CommandEntry } from '../../src/cli/commands.ts'
import { ROOT } from '../arch/source-files.ts'

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
    DATABASE_URL: 'mysql://oma:hunter4@db.example/migratekit_oma',
  })
  t.equal(status, 0, stderr)
  t.match(stdout, /^VMA_PROGRESS_POLL_INTERVAL +5s +flag --poll-interval$/m)
  t.match(stdout, new RegExp(`^VMA_PROGRESS_MAX_ERRORS +7 +file ${site}$`, 'm'))
  t.match(stdout, /^OMA_API_TOKENS +\*\*\* \(2\) +environment$/m)
  t.match(stdout, /^DATABASE_URL +mysql:\/\/oma:\*\*\*@db\.example:3306\/migratekit_oma +environment$/m)
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

t.test('[CLI-1] an unknown command or flag is told with a suggestion and exits 2', async (t) => {
  for (const [args, told] of [
    [['chek'], /unknown command 'chek'[^]*Did you mean check\?/],
    [['check', '--poll-intervall', '5s'], /unknown option '--poll-intervall'[^]*Did you mean --poll-interval\?/],
    [['check', 'extra'], /too many arguments/],
    [[], /Usage: sightline/],
  ] as const) {
    const { status, stdout, stderr } = sightline(args)
    t.equal(status, 2, args.join(' '))
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
