/**
 * The commands of `sightline` that run with loaded settings. Plain data: nothing of a command is loaded until it is
 * called, so that `--help` and `check` start at once and run on a Node that could not start a service.
 *
 * To add one: write src/cli/NAME.ts that exports
 *
 *     export async function run(settings: Settings, options: CommandOptions): Promise<number>
 *
 * (the number is the exit code; the promise settles when the command is done, for a service: when it has stopped), and
 * add a line here. `load` is typed, so a file without that export does not compile:
 *
 *     { name: 'oma', summary: 'the OMA service: polls VMAs, …', load: () => import('./oma.ts') },
 *     { name: 'simulate', summary: '…', load: () => import('./simulate.ts'),
 *       options: [{ flags: '--jobs <number>', summary: 'jobs to simulate', fallback: '100' }] },
 *     { name: 'watch', summary: '…', load: () => import('./watch.ts'), argument: '[name]' },
 *
 * Every command takes the flags of all settings and `--config`; `options` are its own. One that runs beside the services, on
 * anybody's laptop, has `settings: false`: it takes its own flags alone, and its `run` gets no settings (client-commands.ts).
 */

import type { Origins } from '../../config/load.ts'
import type { Settings } from '../../config/schema.ts'
import { CLIENT_COMMANDS } from './client-commands.ts'
import { SIM_COMMANDS } from './sim-commands.ts'

export interface CommandOptions {
  /** The command's own flags by camel-case name, as the person wrote them; `true` for a flag without a value. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  readonly args: readonly string[]
  readonly origins: Origins
}

export interface CommandModule {
  readonly run: (settings: Settings, options: CommandOptions) => Promise<number>
}

/** A command that needs no settings of a service. */
export interface ClientCommandOptions extends Omit<CommandOptions, 'origins'> {
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface ClientCommandModule {
  readonly run: (options: ClientCommandOptions) => Promise<number>
}

interface CommandShape {
  readonly name: string
  readonly summary: string
  /** In commander's notation: `[name]`, `<name>`. */
  readonly argument?: string
  /** What the argument may be, for shell completion: these words, or the jobs (and VMs) that the OMA knows. */
  readonly values?: readonly string[] | 'jobs' | 'names'
  readonly options?: readonly CommandOption[]
  /** Stands after the flags in the command's help. */
  readonly epilogue?: string
  /** Not listed: for scripts of ours. */
  readonly hidden?: boolean
}

export interface CommandOption {
  readonly flags: string
  readonly summary: string
  readonly fallback?: string
  /** What its value may be, for shell completion. */
  readonly words?: readonly string[]
}

export type CommandEntry = CommandShape &
  (
    | { readonly settings?: true; readonly load: () => Promise<CommandModule> }
    | { readonly settings: false; readonly load: () => Promise<ClientCommandModule> }
  )

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'oma', summary: 'the OMA service: polls VMAs, writes progress, serves REST', load: () => import('./oma.ts') },
  {
    name: 'vma',
    summary: 'the VMA service: takes updates from migratekit and serves them',
    load: () => import('./vma.ts'),
  },
  {
    name: 'migrate',
    summary: 'create the tables that are missing in the database',
    load: () => import('./migrate.ts'),
  },
  {
    name: 'check',
    summary:
      'print every setting, its value and where it came from; exit 1 and tell all faults when something is wrong',
    load: () => import('./check.ts'),
  },
  ...CLIENT_COMMANDS,
  ...SIM_COMMANDS,
]
