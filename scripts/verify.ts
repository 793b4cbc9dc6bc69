/**
 * The one gate: `npm run verify`, and CI. Every step runs even when another one failed, so that one run tells all; the
 * steps run side by side, the tests come last and their count is the last line.
 */

import { spawn } from 'node:child_process'
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
  { name: 'types of the dashboard', command: 'tsc', args: ['-p', 'web/tsconfig.json'] },
  { name: 'dead code', command: 'knip', args: [] },
  { name: 'generated files', command: 'node', args: ['scripts/generate-docs.ts', '--check'] },
]

/** Runs a step and prints all that it said at its end, so that steps do not talk into each other. */
async function runStep({ name, command, args }: Step): Promise<boolean> {
  const started = performance.now()
  const output: Buffer[] = []
  // Some of these tools keep a compile cache, which is to stay out of the machine's temporary folder.
  const env = { ...process.env, NODE_COMPILE_CACHE: 'node_modules/.cache/compile' }
  const child = spawn(`node_modules/.bin/${command}`, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const good = await new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`cannot start ${command}: ${error.message}\n`))
      resolve(false)
    })
    child.once('close', (code) => resolve(code === 0))
  })
  process.stdout.write(`\n== ${name}: ${command} ${args.join(' ')}\n${Buffer.concat(output).toString('utf8')}`)
  report(name, good, started)
  return good
}

function report(name: string, good: boolean, started: number): void {
  console.log(`-- ${name}: ${good ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1_000).toFixed(1)} s`)
}

const steps = await Promise.all(STEPS.map(async (step) => ({ name: step.name, good: await runStep(step) })))
const failedSteps = steps.filter(({ good }) => !good).map(({ name }) => name)

console.log('\n== tests')
const started = performance.now()
const counts = await runTests({ long: false, only: [] })
report('tests', counts.failed === 0, started)

if (failedSteps.length > 0) console.log(`\nFailed before the tests: ${failedSteps.join(', ')}.`)
console.log(`\n${closingLine(counts)}`)
process.exitCode = failedSteps.length > 0 || counts.failed > 0 ? 1 : 0
