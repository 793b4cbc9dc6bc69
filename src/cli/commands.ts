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
 * Every command takes the flags of all settings and `--config`; `options` are its own.
 */

import type { Origins } from '../../config/load.ts'
import type { Settings } from '../../config/schema.ts'
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

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
  /** In commander's notation: `[name]`, `<name>`. */
  readonly argument?: string
  readonly options?: readonly { readonly flags: string; readonly summary: string; readonly fallback?: string }[]
}

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
  ...SIM_COMMANDS,
]
