/** Runs test files under tap and prints a line for each file, and failing tests in full. */

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { TapSummary } from './tap-summary.ts'
import type { FileResult } from './tap-summary.ts'

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
const FILE_TIMEOUT_S = { short: 120, long: 1_800 }

function testFiles({ long, only }: TestSelection): string[] {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && file.endsWith('.long.test.ts') === long)
    .map((file) => `test/${file}`)
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
    .toSorted()
}

/** Runs the selection; `failed` is at least 1 whenever anything went wrong, a run of no test included. */
export async function runTests(selection: TestSelection): Promise<TestCounts> {
  const files = testFiles(selection)
  if (files.length === 0) {
    console.log('No test file matches.')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  console.log(`Running ${files.length} test files with Node ${process.versions.node}.`)
  const results: FileResult[] = []
  const exitCode = await runTap(files, selection.long ? FILE_TIMEOUT_S.long : FILE_TIMEOUT_S.short, (result) => {
    results.push(result)
    console.log(describe(result))
  })
  const counts = total(results)
  const missing = files.length - results.length
  if (missing > 0) console.log(`${missing} test files brought no result.`)
  const wentWrong = exitCode !== 0 || missing > 0 || counts.passed === 0
  if (!wentWrong || counts.failed > 0) return counts
  console.log(`tap ended with exit code ${exitCode} though no test failed.`)
  return { ...counts, failed: Math.max(1, missing) }
}

function total(results: readonly FileResult[]): TestCounts {
  const sum = (pick: (result: FileResult) => number): number => results.reduce((all, result) => all + pick(result), 0)
  return { passed: sum((r) => r.passed), failed: sum((r) => r.failed), skipped: sum((r) => r.skipped) }
}

/** Resolves with tap's exit code once the last line has been read. */
async function runTap(
  files: readonly string[],
  timeout: number,
  onFile: (result: FileResult) => void,
): Promise<number> {
  const args = ['run', '--disable-coverage', '--reporter=tap', '--no-color', `--timeout=${timeout}`, ...files]
  const tap = spawn('node_modules/.bin/tap', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = (signal: NodeJS.Signals): void => void tap.kill(signal)
  process.once('SIGTERM', stop).once('SIGINT', stop)
  const ended = new Promise<number>((resolve, reject) => {
    tap.once('error', reject)
    tap.once('close', (code, signal) => {
      resolve(code ?? (signal === null ? 0 : 1))
    })
  })
  const summary = new TapSummary(onFile)
  for await (const line of createInterface({ input: tap.stdout })) summary.line(line)
  process.off('SIGTERM', stop).off('SIGINT', stop)
  return ended
}

function describe({ file, passed, failed, skipped, time, failures }: FileResult): string {
  const extra = `${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`
  const head = `${failed > 0 ? 'FAIL' : 'ok  '} ${file}  ${passed} passed${extra}  ${shortTime(time)}`
  return [head, ...failures].join('\n')
}

function shortTime(time: string): string {
  const [, amount = '0', unit = 'ms'] = /^([\d.]+)(\w+)$/.exec(time) ?? []
  const ms = Number(amount) * (unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 1)
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** The closing line, alone on its line. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
