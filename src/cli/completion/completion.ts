/** `sightline completion bash|zsh|fish`: the script that the shell reads (CLI-5). */

import { COMMANDS, type ClientCommandOptions } from '../commands.ts'
import { EXIT } from '../exit-codes.ts'
import { tellProblems } from '../usage.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { commandWords, type CommandWords } from './words.ts'
import { zshScript } from './zsh.ts'

const SCRIPTS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

export async function run({ args: [shell = ''] }: ClientCommandOptions): Promise<number> {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined) return tellProblems([`there is completion for ${Object.keys(SCRIPTS).join(', ')}`])
  process.stdout.write(script(commandWords(COMMANDS)))
  return EXIT.ok
}
