/** .env.example out of the table of settings: every variable, with its default, ready to be uncommented. */

import { CONFIG_ENV, SETTINGS, SETTING_KEYS, type SettingKey } from '../config/schema.ts'
import { GROUPS } from '../config/setting.ts'

const WIDTH = 118

export function envExample(): string {
  return [HEAD, ...GROUPS.map(group)].join('\n\n') + '\n'
}

const HEAD = `# Settings of Sightline as environment variables. Generated from config/schema.ts by \`npm run docs\`: change it there.
#
# For systemd's EnvironmentFile= and for \`docker run --env-file\`: one VARIABLE=value a line, nothing quoted. Every line is
# commented out and shows its default; what is secret belongs into a settings file (${CONFIG_ENV}) that only the service
# can read. docs/config.md says more, \`sightline check\` what holds.

# A settings file, read before these variables.
#${CONFIG_ENV}=`

function group(name: (typeof GROUPS)[number]): string {
  const keys = SETTING_KEYS.filter((key) => SETTINGS[key].group === name)
  return [`# --- ${name} ---`, ...keys.map(lines)].join('\n\n')
}

function lines(key: SettingKey): string {
  const { env, kind, defaultText, doc, secret } = SETTINGS[key]
  const value = kind.bounds === undefined ? kind.label : `${kind.label} (${kind.bounds})`
  const notes = [doc.replaceAll('`', ''), `Value: ${value}.${secret === true ? ' Secret.' : ''}`]
  return [...notes.flatMap(wrapped), `#${env}=${defaultText}`].join('\n')
}

function wrapped(text: string): readonly string[] {
  const found: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line !== '#') {
      found.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...found, line]
}
