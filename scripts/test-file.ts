/**
 * Runs one test file, or a few small ones, as a process group of its own, with a temporary folder of its own. What is left of either when the
 * file has ended counts as a failure and is removed: a test that leaves something behind breaks others, days later.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { endGroup, membersOf, signalGroup } from './process-group.ts'
import { TapSummary } from './tap-summary.ts'
import type { FileResult } from './tap-summary.ts'

export interface TestFileSetting {
  /** Longest life in seconds; tap then names the test that hangs. */
  readonly limitS: number
  /** Its temporary folder, made here and removed at the end. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends the file before its time. */
  readonly stop: AbortSignal
}

/** tap says what hangs at the limit; a file that does not even get to that is killed this much later. */
const KILL_AFTER_LIMIT_MS = 15_000
/** What a file has stopped may need a moment to be gone. */
const LEFT_GRACE_MS = 2_000

/** One file, or several that share a process. */
export interface TestUnit {
  /** What it is called where its result is told. */
  readonly name: string
  /** What Node is given to run. */
  readonly args: readonly string[]
}

export async function runTestUnit({ name, args }: TestUnit, setting: TestFileSetting): Promise<FileResult> {
  const started = performance.now()
  mkdirSync(setting.folder)
  // Database servers that a test starts as root run as a user of their own and have to get through.
  chmodSync(setting.folder, 0o755)
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...setting.env, TMPDIR: setting.folder, TAP_TIMEOUT: String(setting.limitS) },
  })
  const summary = new TapSummary(name)
  const errors: string[] = []
  const { exitCode, complaints } = await ended(child, setting, [
    read(child.stdout, (line) => summary.line(line)),
    read(child.stderr, (line) => errors.push(line)),
  ])
  complaints.push(...leftEntries(setting.folder))
  const result = summary.end({ exitCode, ms: performance.now() - started, complaints })
  return { ...result, failures: result.failed > 0 ? [...result.failures, ...errors] : errors }
}

async function read(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) onLine(line)
}

interface Ended {
  readonly exitCode: number | null
  readonly complaints: string[]
}

async function ended(child: ChildProcess, setting: TestFileSetting, outputs: readonly Promise<void>[]): Promise<Ended> {
  const group = child.pid
  const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve([code, signal]))
  })
  if (group === undefined) throw new Error('a test file could not be started', { cause: await exited.catch(String) })
  const tooLong = setTimeout(() => signalGroup(group, 'SIGKILL'), setting.limitS * 1_000 + KILL_AFTER_LIMIT_MS)
  const onStop = (): void => signalGroup(group, 'SIGTERM')
  setting.stop.addEventListener('abort', onStop, { once: true })
  if (setting.stop.aborted) onStop()
  const [exitCode, signal] = await exited
  clearTimeout(tooLong)
  setting.stop.removeEventListener('abort', onStop)
  const left = await leftProcesses(group)
  // Only now: a process that is left holds the other end of the pipes.
  await Promise.all(outputs)
  return { exitCode, complaints: [...(signal === null ? [] : [`was ended by ${signal}`]), ...left] }
}

async function leftProcesses(group: number): Promise<string[]> {
  const end = performance.now() + LEFT_GRACE_MS
  let left = membersOf(group)
  while (left.length > 0 && performance.now() < end) {
    await wait(50)
    left = membersOf(group)
  }
  if (left.length > 0) await endGroup(group)
  return left.map((command) => `left a process behind: ${command}`)
}

function leftEntries(folder: string): string[] {
  const left = readdirSync(folder)
  rmSync(folder, { recursive: true, force: true })
  return left.map((name) => `left ${name} behind in the temporary folder`)
}
