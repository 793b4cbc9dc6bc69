/** The process of `sightline`: hands its arguments on and tells an unexpected error in one line (`LOG_LEVEL=debug`: all of it). */

import { takeLevelSignals } from './level-signal.ts'

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (/^(debug|trace)$/i.test(process.env['LOG_LEVEL'] ?? '')) return error.stack ?? error.message
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

takeLevelSignals()
try {
  const { runCli } = await import('./program.ts')
  process.exitCode = await runCli(process.argv.slice(2), {
    env: process.env,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  })
} catch (error) {
  process.stderr.write(`sightline: ${explain(error)}\n`)
  process.exitCode = 1
}
