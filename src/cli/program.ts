/** Builds the command line from the table of commands. Usage errors exit 64, faulty settings 1. */

import { Command, CommanderError } from 'commander'
import { packageVersion } from '../version.ts'
import { COMMANDS } from './commands.ts'
import type { CommandEntry } from './commands.ts'
import { EXIT } from './exit-codes.ts'
import { addSettingsFlags, ownFlags, settingsFromFlags } from './settings-flags.ts'
import type { Surroundings } from './settings-flags.ts'

export interface Io extends Surroundings {
  readonly stdout: (text: string) => void
}

/** Runs one command line (without `node` and the script) and answers its exit code. */
export async function runCli(
  args: readonly string[],
  io: Io,
  commands: readonly CommandEntry[] = COMMANDS,
): Promise<number> {
  let exitCode = 0
  const program = newProgram(io)
  for (const entry of commands) {
    addCommand(program, entry, io, (code) => {
      exitCode = code
    })
  }
  if (args.length === 0) {
    io.stderr(program.helpInformation())
    return EXIT.usage
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? 0 : EXIT.usage
  }
  return exitCode
}

function newProgram(io: Io): Command {
  return new Command('sightline')
    .description('Live progress tracking for VMware to OSSEA (Apache CloudStack) migrations.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(sightline --help lists the commands; sightline COMMAND --help its flags)')
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
}

function addCommand(program: Command, entry: CommandEntry, io: Io, exit: (code: number) => void): void {
  const command = program.command(entry.name, { hidden: entry.hidden === true })
  command.summary(entry.summary).description(entry.summary)
  if (entry.argument !== undefined) command.argument(entry.argument)
  for (const { flags, summary, fallback } of entry.options ?? []) command.option(flags, summary, fallback)
  if (entry.epilogue !== undefined) command.addHelpText('after', `\n${entry.epilogue}`)
  if (entry.settings === false) {
    command.action(async () => {
      const { run } = await entry.load()
      exit(await run({ flags: command.opts(), args: command.args, env: io.env }))
    })
    return
  }
  addSettingsFlags(command)
  command.action(async () => {
    const values: Readonly<Record<string, string | boolean | undefined>> = command.opts()
    const loaded = settingsFromFlags(values, io)
    if (loaded === undefined) return exit(1)
    const { run } = await entry.load()
    exit(await run(loaded.settings, { flags: ownFlags(values), args: command.args, origins: loaded.origins }))
  })
}
