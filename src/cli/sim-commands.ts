/** The commands that bring their own fleet, as entries of the table of commands. Nothing is loaded until one is called. */

import type { CommandEntry } from './commands.ts'
import { FLEET_FLAGS, flagOptions } from './fleet-flags.ts'

export const SIM_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary:
      'everything at once on this machine: a simulated fleet, a VMA, an OMA on the embedded database, and a live table',
    load: () => import('./demo.ts'),
    options: [
      ...flagOptions([...FLEET_FLAGS, 'interval']),
      {
        flags: '--keep <folder>',
        summary: 'keep database and log in this folder (default: a fresh one, removed at the end)',
      },
      { flags: '--plain', summary: 'lines instead of the live table; so too when the output is no terminal' },
    ],
  },
  {
    name: 'simulate',
    summary: 'a simulated fleet of migratekits alone, reporting to any VMA',
    load: () => import('./simulate.ts'),
    options: [
      { flags: '--vma <url>', summary: 'the VMA to report to (default: the configured VMA service on this machine)' },
      {
        flags: '--keys <list>',
        summary: 'keys to report under, with commas, or @FILE with one a line; default: export names',
      },
      { flags: '--token <token>', summary: 'the VMA’s bearer token; other users of this machine can read flags' },
      { flags: '--token-file <file>', summary: 'a file that holds that token' },
      ...flagOptions(FLEET_FLAGS),
    ],
  },
]
