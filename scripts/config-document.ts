/** docs/config.md out of the table of settings. */

import { CONFIG_ENV, CONFIG_FLAG, ENV_PREFIXES, SETTINGS, SETTING_KEYS, VCENTERS_KEY } from '../config/schema.ts'
import type { SettingKey } from '../config/schema.ts'
import { GROUPS } from '../config/setting.ts'

export function configDocument(): string {
  return [HEAD, ...GROUPS.map(group), VCENTERS].join('\n\n') + '\n'
}

const prefixes = ENV_PREFIXES.map((prefix) => `\`${prefix}*\``).join(', ')

const HEAD = `# Settings

<!-- Generated from config/schema.ts by \`npm run docs\`. Change it there. -->

Sources, each over the one before: defaults, \`config/default.json\`, the file named by \`${CONFIG_FLAG} FILE\` or
\`${CONFIG_ENV}\`, the environment, flags. An empty text is "not set". Every fault is told at once, with a suggestion for a
name that nobody knows; in the environment that concerns names that start with ${prefixes}.
\`sightline check\` prints every setting with its value and where that came from, and exits 1 when something is wrong.

Durations are written with their unit: \`500ms\`, \`5s\`, \`5m\`, \`24h\`, \`1m30s\`. In a file a duration may also be a number of
milliseconds, a switch \`true\` or \`false\`, and a list an array of texts.

\`\`\`json
{ "pollIntervalMs": "5s", "vmas": ["vma1=http://localhost:9081", "vma2=http://localhost:9082"], "logLevel": "debug" }
\`\`\``

const VCENTERS = `## Several VMAs

\`${VCENTERS_KEY}\` exists in the settings file alone. It maps a vCenter host (\`replication_jobs.v_center_host\`) to the name of the
VMA that serves it; jobs of a host that is not in the map belong to the first VMA of the list.

\`\`\`json
{ "vmas": "vma1=http://localhost:9081,vma2=http://localhost:9082", "${VCENTERS_KEY}": { "vcenter-02.example": "vma2" } }
\`\`\``

function group(name: (typeof GROUPS)[number]): string {
  const keys = SETTING_KEYS.filter((key) => SETTINGS[key].group === name)
  return [`## ${name}`, ...keys.map(section)].join('\n\n')
}

function section(key: SettingKey): string {
  const { env, flag, kind, defaultText, doc, secret } = SETTINGS[key]
  const bounds = kind.bounds === undefined ? '' : ` (${kind.bounds})`
  const value = `${kind.label}${bounds}; default ${defaultText === '' ? 'none' : `\`${defaultText}\``}`
  return [
    `### ${env}`,
    doc,
    [`- Flag \`${flag}\`, file key \`${key}\``, `- Value: ${value}`, ...(secret ? ['- Secret: never shown'] : [])].join(
      '\n',
    ),
  ].join('\n\n')
}
