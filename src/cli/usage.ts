/** Tells what is wrong with a command line. */

import { EXIT } from './exit-codes.ts'

export function tellProblems(problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`sightline: ${problem}\n`)
  return EXIT.usage
}
