/** Completion for fish. */

import { isFile, type CommandWords, type FlagWords } from './words.ts'

export function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c sightline -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    ...argumentLines(command),
    ...command.flags.map((flag) => flagLine(command.name, flag)),
  ])
  return `# Completion of sightline for fish. For this shell: sightline completion fish | source
complete -c sightline -f
${lines.join('\n')}
`
}

function argumentLines({ name, hasArgument, values }: CommandWords): readonly string[] {
  if (!hasArgument) return []
  const choices = 'command' in values ? `(${values.command})` : values.join(' ')
  return choices === '' ? [] : [`complete -c sightline -n ${seen(name)} -a ${quoted(choices)}`]
}

function flagLine(command: string, flag: FlagWords): string {
  const words = flag.words.length > 0 ? ` -a ${quoted(flag.words.join(' '))}` : ''
  const value = flag.value === undefined ? '' : isFile(flag) ? ' -r -F' : ` -x${words}`
  return `complete -c sightline -n ${seen(command)} -l ${flag.name.slice(2)}${value} -d ${quoted(flag.summary)}`
}

function seen(command: string): string {
  return `'__fish_seen_subcommand_from ${command}'`
}

/** Within single quotes fish knows two escapes, another set than the other shells. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
