/** `sightline check`: every setting with its value and where that came from. Faults were told before it runs (CFG-1). */

import { ACCESS } from '../../config/access.ts'
import type { VmaEndpoint } from '../../config/endpoints.ts'
import { SETTING_KEYS, SETTINGS, VCENTERS_KEY, showSetting } from '../../config/schema.ts'
import type { SettingKey, Settings } from '../../config/schema.ts'
import type { Origin } from '../../config/sources.ts'
import type { CommandOptions } from './commands.ts'

/** The first Node that can start a service: TypeScript without a build, and SQLite in worker threads. */
const SERVICE_NODE = [22, 18] as const

/** A longer value pushes its own origin to the right, not everybody's. */
const MAX_VALUE_WIDTH = 40

export async function run(settings: Settings, { origins }: CommandOptions): Promise<number> {
  const warning = nodeWarning(process.versions.node)
  if (warning !== undefined) process.stderr.write(`${warning}\n`)
  process.stdout.write(`${report(settings, origins)}\n`)
  return 0
}

/** Columns: name, value, origin. Secrets are masked. */
export function report(settings: Settings, origins: CommandOptions['origins']): string {
  const lines = SETTING_KEYS.map((key) => line(key, settings, origins))
  for (const vma of settings.vmas) lines.push(...ownLines(vma, origins))
  for (const [vcenter, vma] of Object.entries(settings.vcenters)) {
    lines.push([`${VCENTERS_KEY}.${vcenter}`, vma, originText(origins[VCENTERS_KEY])])
  }
  const nameWidth = Math.max(...lines.map(([name]) => name.length))
  const valueWidth = Math.min(MAX_VALUE_WIDTH, Math.max(...lines.map(([, value]) => value.length)))
  const padded = lines.map(
    ([name, value, origin]) => `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${origin}`,
  )
  return [...padded, '', `All ${lines.length} settings are good.`].join('\n')
}

function line(key: SettingKey, settings: Settings, origins: CommandOptions['origins']): [string, string, string] {
  const shown = showSetting(key, settings[key])
  return [SETTINGS[key].env, shown === '' ? '(none)' : shown, originText(origins[key])]
}

/** What the settings file gives to one VMA alone. */
function ownLines(vma: VmaEndpoint, origins: CommandOptions['origins']): [string, string, string][] {
  return (vma.own ?? []).map((field) => {
    const shown = showSetting(ACCESS[field], vma[field])
    return [`vmas.${vma.name}.${field}`, shown === '' ? '(none)' : shown, originText(origins.vmas)]
  })
}

function originText({ source, name }: Origin): string {
  if (source === 'default') return 'default'
  return source === 'env' ? 'environment' : `${source} ${name}`
}

/** Undefined when this Node can start the services. */
export function nodeWarning(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [needMajor, needMinor] = SERVICE_NODE
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return undefined
  return `warning: this is Node ${version}; the services need Node ${needMajor}.${needMinor} or later`
}
