/** What may stand on a command line, from the table of commands: the shells' scripts are made of this alone. */

import { SETTINGS, SETTING_KEYS, CONFIG_FLAG } from '../../../config/schema.ts'
import type { CommandEntry } from '../commands.ts'

export interface FlagWords {
  /** `--oma`. */
  readonly name: string
  readonly summary: string
  /** The name of its value; undefined for a flag without one. */
  readonly value: string | undefined
  /** What the value may be, where that is a list. */
  readonly words: readonly string[]
}

export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly flags: readonly FlagWords[]
  readonly hasArgument: boolean
  /** What the argument may be: these, or what this command asks of the OMA. */
  readonly values: readonly string[] | { readonly command: string }
}

const HELP: FlagWords = { name: '--help', summary: 'display help for command', value: undefined, words: [] }

export function commandWords(commands: readonly CommandEntry[]): readonly CommandWords[] {
  return commands
    .filter(({ hidden }) => hidden !== true)
    .map((entry) => ({
      name: entry.name,
      summary: entry.summary,
      flags: [...ownFlags(entry), ...(entry.settings === false ? [] : settingFlags()), HELP],
      hasArgument: entry.argument !== undefined,
      values: valuesOf(entry),
    }))
}

/** Silent where there is no OMA: an error message would stand in the middle of what is typed. */
function valuesOf({ values = [] }: CommandEntry): CommandWords['values'] {
  if (typeof values !== 'string') return values
  return { command: `sightline __names${values === 'jobs' ? ' jobs' : ''} 2>/dev/null` }
}

function ownFlags({ options = [] }: CommandEntry): readonly FlagWords[] {
  return options.map(({ flags, summary, words = [] }) => {
    const [name = '', value] = flags.split(' ')
    return { name, summary, value: value?.slice(1, -1), words }
  })
}

function settingFlags(): readonly FlagWords[] {
  const settings = SETTING_KEYS.map((key) => {
    const { flag, doc, kind } = SETTINGS[key]
    return { name: flag, summary: doc, value: kind.argument, words: [] }
  })
  return [{ name: CONFIG_FLAG, summary: 'settings file (JSON)', value: 'file', words: [] }, ...settings]
}

/** Values that name a file or a folder are completed by the shell. */
export function isFile({ value }: FlagWords): boolean {
  return value === 'file' || value === 'folder' || value === 'path'
}

/** For single quotes of a shell; a `'` ends them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
