/** Runs test files side by side and prints a line for each, and failing tests in full. */

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { MariaDbServer, SHARED_PORT } from '../test/support/mariadb-server.ts'
import type { FileResult } from './tap-summary.ts'
import { runTestUnit, type TestUnit } from './test-file.ts'

export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export interface TestSelection {
  /** The files `*.long.test.ts` instead of the others. */
  readonly long: boolean
  /** Parts of paths; a file is run when its path has one of them. None: every file. */
  readonly only: readonly string[]
}

/** Longest life of one test file in seconds; a hanging file is ended and named. */
const FILE_LIMIT_S = { short: 120, long: 1_800 }
/** Files that start whole services wait most of their time: one more than there are processors keeps those busy. */
const AT_ONCE = availableParallelism() + 1
/** Rooms whose files take longest. They begin first, so that none of them runs alone at the end. */
const LONGEST_FIRST = ['test/e2e/', 'test/web/', 'test/faults/', 'test/cli/', 'test/sim/', 'test/db/']

/** Rooms of many small files that start nothing: a process each would cost more than all their tests. */
const TOGETHER = [
  'test/actors/',
  'test/client/',
  'test/config/',
  'test/http/stream/',
  'test/machines/',
  'test/model/',
  'test/vma/',
  'test/web/model/',
]

function unitsOf(files: readonly string[]): readonly TestUnit[] {
  const rooms = Map.groupBy(files, (file) => TOGETHER.find((room) => file.startsWith(room)) ?? file)
  return [...rooms].map(([name, members]) => {
    const [only = name] = members
    if (members.length === 1) return { name: only, args: [only] }
    return { name: `${name} (${members.length} files)`, args: ['scripts/test-group.ts', ...members] }
  })
}

function testFiles({ long, only }: TestSelection): string[] {
  const rank = (file: string): number => {
    const at = LONGEST_FIRST.findIndex((room) => file.startsWith(room))
    return at === -1 ? LONGEST_FIRST.length : at
  }
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && file.endsWith('.long.test.ts') === long)
    .map((file) => `test/${file}`)
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** Runs the selection; `failed` is at least 1 whenever anything went wrong, a run of no test included. */
export async function runTests(selection: TestSelection): Promise<TestCounts> {
  const files = testFiles(selection)
  if (files.length === 0) {
    console.log('No test file matches.')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const folder = mkdtempSync(join(tmpdir(), 'sightline-test-'))
  chmodSync(folder, 0o755)
  console.log(
    `Running ${files.length} test files, ${AT_ONCE} at once, with Node ${process.versions.node}; temporary files in ${folder}.`,
  )
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal)
  try {
    return await runAll(files, { folder, stop: stop.signal, limitS: FILE_LIMIT_S[selection.long ? 'long' : 'short'] })
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
    rmSync(folder, { recursive: true, force: true })
  }
}

interface RunSetting {
  readonly folder: string
  readonly stop: AbortSignal
  readonly limitS: number
}

async function runAll(files: readonly string[], setting: RunSetting): Promise<TestCounts> {
  const server = await sharedMariaDb(files, setting.folder)
  try {
    const env = { ...process.env, ...(server === undefined ? {} : { [SHARED_PORT]: String(server.port) }) }
    const units = unitsOf(files)
    const waiting = units.entries()
    const results: FileResult[] = []
    const oneAfterTheOther = async (): Promise<void> => {
      for (const [number, unit] of waiting) {
        if (setting.stop.aborted) return
        const result = await runTestUnit(unit, { ...setting, folder: join(setting.folder, String(number)), env })
        results.push(result)
        console.log(describe(result))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther))
    const missing = units.length - results.length
    if (missing > 0) console.log(`Stopped: ${missing} test files or groups of them did not run.`)
    return total(results, missing)
  } finally {
    await server?.stop()
    if (server !== undefined) console.log(`Stopped mariadbd (process ${server.pid}).`)
  }
}

/** One server for all files that speak of one; a file whose use is not seen here, or that runs alone, starts its own. */
async function sharedMariaDb(files: readonly string[], folder: string): Promise<MariaDbServer | undefined> {
  if (!files.some((file) => readFileSync(file, 'utf8').includes('MariaDb.start'))) return undefined
  const server = await MariaDbServer.start(folder)
  console.log(`Started mariadbd ${server.version} (process ${server.pid}, port ${server.port}) for the tests to share.`)
  return server
}

function total(results: readonly FileResult[], missing: number): TestCounts {
  const sum = (pick: (result: FileResult) => number): number => results.reduce((all, result) => all + pick(result), 0)
  return { passed: sum((r) => r.passed), failed: sum((r) => r.failed) + missing, skipped: sum((r) => r.skipped) }
}

function describe({ file, passed, failed, skipped, ms, failures }: FileResult): string {
  const extra = `${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`
  const time = ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
  return [`${failed > 0 ? 'FAIL' : 'ok  '} ${file}  ${passed} passed${extra}  ${time}`, ...failures].join('\n')
}

/** The closing line, alone on its line. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
