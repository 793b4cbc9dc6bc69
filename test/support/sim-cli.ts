/** The command line with nothing but the commands that bring their own fleet: what tests start as a process. */

import { runCli } from '../../src/cli/program.ts'
import { SIM_COMMANDS } from '../../src/cli/sim-commands.ts'

const io = {
  env: process.env,
  stdout: (text: string) => process.stdout.write(text),
  stderr: (text: string) => process.stderr.write(text),
}
process.exitCode = await runCli(process.argv.slice(2), io, SIM_COMMANDS)
