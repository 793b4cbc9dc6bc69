/** Completion for bash 4 and later. */

import { isFile, quoted, type CommandWords, type FlagWords } from './words.ts'

export function bashScript(commands: readonly CommandWords[]): string {
  const names = [...commands.map(({ name }) => name), '--help', '--version'].join(' ')
  return `# Completion of sightline for bash. For this shell: eval "$(sightline completion bash)"
_sightline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W ${quoted(names)} -- "$cur")
    return
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
complete -F _sightline sightline
`
}

function commandCase({ name, flags, hasArgument, values }: CommandWords): string {
  const words = flags.map((flag) => flag.name).join(' ')
  const choices = 'command' in values ? `$(${values.command})` : values.join(' ')
  const argument = hasArgument ? offer(choices) : ':'
  return `    ${name})
      case $prev in
${valueCases(flags)}
      esac
      if [[ $cur == -* ]]; then ${offer(words)}; else ${argument}; fi
      ;;`
}

function valueCases(flags: readonly FlagWords[]): string {
  const files = flags.filter(isFile).map(({ name }) => name)
  const listed = flags.filter(({ words }) => words.length > 0)
  const free = flags.filter((flag) => flag.value !== undefined && !isFile(flag) && flag.words.length === 0)
  const lines = listed.map(({ name, words }) => `        ${name}) ${offer(words.join(' '))}; return ;;`)
  if (files.length > 0)
    lines.push(`        ${files.join(' | ')}) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;`)
  if (free.length > 0) lines.push(`        ${free.map(({ name }) => name).join(' | ')}) return ;;`)
  return lines.join('\n')
}

function offer(words: string): string {
  return `mapfile -t COMPREPLY < <(compgen -W "${words}" -- "$cur")`
}
