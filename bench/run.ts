/**
 * `npm run bench -- NAME …`: one bench with what follows. `npm run bench`: all of them one after the other, each with its short
 * profile, under 15 minutes on two quiet cores; `npm run bench -- --full`: with their usual loads. One that fails stops no other.
 */

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './support/result.ts'
import { tableOf } from './support/table.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const benches = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length))

function run(name: string, args: readonly string[]): boolean {
  const flags = ['--disable-warning=ExperimentalWarning', `${folder}${name}.ts`, ...args]
  return spawnSync(process.execPath, flags, { stdio: 'inherit' }).status === 0
}

/** Of the file that it has just written; a bench that left none is as good as failed. */
function headline(name: string, since: number): string | undefined {
  try {
    const { at, headline } = JSON.parse(readFileSync(`${folder}results/${name}.json`, 'utf8')) as BenchResult
    return Date.parse(at) >= since ? headline : undefined
  } catch {
    return undefined
  }
}

function runAll(args: readonly string[]): void {
  const startedAt = performance.now()
  const rows = benches.map((name) => {
    console.log(`\n== ${name}`)
    const from = Date.now()
    const result = run(name, args) ? headline(name, from) : undefined
    const seconds = Math.round((Date.now() - from) / 1_000)
    return { bench: name, ended: result === undefined ? 'FAILED' : 'ok', seconds, result: result ?? '' }
  })
  const failed = rows.filter(({ ended }) => ended !== 'ok').map(({ bench }) => bench)
  console.log(`\n== all, in ${Math.round((performance.now() - startedAt) / 1_000)} s\n${tableOf(rows)}`)
  console.log(failed.length === 0 ? '\nNow: npm run docs' : `\nFailed, their old figures stay: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

const [, , name, ...args] = process.argv
if (name === undefined) runAll(['--short'])
else if (name === '--full') runAll([])
else if (benches.includes(name)) process.exitCode = run(name, args) ? 0 : 1
else {
  console.error(`Which bench? ${benches.join(', ')} (npm run bench -- NAME), or none of them for all`)
  process.exitCode = 2
}
