/** `npm test [-- PART-OF-PATH …]`, and with `--long` the long tests. Ends with the line `N passed, N failed`. */

import { closingLine, runTests } from './run-tests.ts'

const args = process.argv.slice(2)
const counts = await runTests({ long: args.includes('--long'), only: args.filter((arg) => !arg.startsWith('--')) })
console.log(`\n${closingLine(counts)}`)
process.exitCode = counts.failed > 0 ? 1 : 0
