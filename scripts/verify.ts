/**
 * The one gate: `npm run verify`, and CI. Every step runs even when an earlier one failed, so that one run tells all;
 * the tests come last and their count is the last line.
 */

import { spawnSync } from 'node:child_process'
import { closingLine, runTests } from './run-tests.ts'

interface Step {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

const STEPS: readonly Step[] = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--deny-warnings'] },
  { name: 'types', command: 'tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'generated files', command: 'node', args: ['scripts/generate-docs.ts', '--check'] },
]

function runStep({ name, command, args }: Step): boolean {
  console.log(`\n== ${name}: ${command} ${args.join(' ')}`)
  const started = performance.now()
  const { status, error } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' })
  if (error !== undefined) console.log(`cannot start ${command}: ${error.message}`)
  report(name, status === 0, started)
  return status === 0
}

function report(name: string, good: boolean, started: number): void {
  console.log(`-- ${name}: ${good ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
}

const failedSteps = STEPS.filter((step) => !runStep(step)).map((step) => step.name)

console.log('\n== tests')
const started = performance.now()
const counts = await runTests({ long: false, only: [] })
report('tests', counts.failed === 0, started)

if (failedSteps.length > 0) console.log(`\nFailed before the tests: ${failedSteps.join(', ')}.`)
console.log(`\n${closingLine(counts)}`)
process.exitCode = failedSteps.length > 0 || counts.failed > 0 ? 1 : 0
