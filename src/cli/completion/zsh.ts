/** Completion for zsh: as a file `_sightline` in `fpath`, or read by the shell. */

import { isFile, quoted, type CommandWords, type FlagWords } from './words.ts'

export function zshScript(commands: readonly CommandWords[]): string {
  const list = commands.map(
    ({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', String.raw`\:`)}`)}`,
  )
  return `#compdef sightline
# Completion of sightline for zsh. For this shell: source <(sightline completion zsh)
_sightline() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  ((CURRENT--))
  shift words
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = _sightline ]; then _sightline "$@"; else compdef _sightline sightline; fi
`
}

function commandCase({ name, flags, hasArgument, values }: CommandWords): string {
  const specs = flags.map(flagSpec)
  const choices = 'command' in values ? `($(${values.command}))` : `(${values.join(' ')})`
  if (hasArgument) specs.push(`"1:name:${choices.replaceAll('"', '')}"`)
  return `    ${name})
      _arguments \\
        ${specs.join(' \\\n        ')}
      ;;`
}

function flagSpec(flag: FlagWords): string {
  const summary = flag.summary.replaceAll(/[[\]:\\]/g, String.raw`\$&`)
  const action = isFile(flag) ? '_files' : flag.words.length > 0 ? `(${flag.words.join(' ')})` : ' '
  const value = flag.value === undefined ? '' : `:${flag.value.replaceAll(':', '')}:${action}`
  return quoted(`${flag.name}[${summary}]${value}`)
}
