/** docs/config.md out of the table of settings. */

import { ACCESS } from '../config/access.ts'
import {
  CLIENT_ENV,
  CONFIG_ENV,
  CONFIG_FLAG,
  ENV_PREFIXES,
  SETTINGS,
  SETTING_KEYS,
  VCENTERS_KEY,
} from '../config/schema.ts'
import type { SettingKey } from '../config/schema.ts'
import { GROUPS } from '../config/setting.ts'

export function configDocument(): string {
  return [HEAD, ...GROUPS.map(group), VMAS, VCENTERS].join('\n\n') + '\n'
}

const own = CLIENT_ENV.map((name) => `\`${name}\``).join(' and ')
const prefixes = ENV_PREFIXES.map((prefix) => `\`${prefix}*\``).join(', ')

const HEAD = `# Settings

<!-- Generated from config/schema.ts by \`npm run docs\`. Change it there. -->

Sources, each over the one before: defaults, \`config/default.json\`, the file named by \`${CONFIG_FLAG} FILE\` or
\`${CONFIG_ENV}\`, the environment, flags. An empty text is "not set". Every fault is told at once, with a suggestion for a
name that nobody knows; in the environment that concerns names that start with
${prefixes}, but for ${own}, which tell commands where an OMA is ([cli.md](cli.md)).
\`sightline check\` prints every setting with its value and where that came from, and exits 1 when something is wrong.

Durations are written with their unit: \`500ms\`, \`5s\`, \`5m\`, \`24h\`, \`1m30s\`. In a file a duration may also be a number of
milliseconds, a switch \`true\` or \`false\`, and a list an array of texts. Files that settings name are relative to the working
folder; they are read once, at start.

\`\`\`json
{ "pollIntervalMs": "5s", "vmas": ["vma1=http://localhost:9081", "vma2=http://localhost:9082"], "logLevel": "debug" }
\`\`\``

const accessKeys = Object.entries(ACCESS).map(([own, key]) => `\`${own}\` (${SETTINGS[key].env})`)

const VMAS = `## Several VMAs

A VMA is named by its URL: \`http://host:port\` and \`https://host:port\`, each with a base path if there is one, or
\`unix:/run/vma.sock\` for a socket of this machine (its whole path, as it is, with nothing after it). The settings of the way
hold for all VMAs as far as they are of use: certificates for https, the proxy for http and https, the token for all.

Where VMAs differ, \`vmas\` in the settings file is an object. Each VMA there is a URL, or an object of \`url\` and what it has
of its own: ${accessKeys.slice(0, 3).join(', ')},
${accessKeys.slice(3).join(', ')}. A proxy \`none\` takes a VMA out of the proxy. A later source that
names the VMAs takes the place of the whole object.

\`\`\`json
{
  "vmas": {
    "vma1": { "url": "http://localhost:9081", "proxy": "none" },
    "vma2": { "url": "https://vma2.example", "ca": "vma2-ca.pem", "cert": "oma.pem", "key": "oma.key", "token": "…" }
  }
}
\`\`\``

const VCENTERS = `## vCenters

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
