/** Gives a command one flag for each setting of the table, and turns what was given into loaded settings. */

import { Option } from 'commander'
import type { Command } from 'commander'
import { readNamed, readSettingsFiles } from '../../config/files.ts'
import { describeFault, loadSettings } from '../../config/load.ts'
import type { Origins } from '../../config/load.ts'
import { CONFIG_ENV, CONFIG_FLAG, SETTINGS, SETTING_KEYS } from '../../config/schema.ts'
import type { SettingKey, Settings } from '../../config/schema.ts'

/** What commander collected: by camel-case flag name. */
type FlagValues = Readonly<Record<string, string | boolean | undefined>>

const configOption = new Option(`${CONFIG_FLAG} <file>`, `settings file (JSON); also ${CONFIG_ENV}`)

export function addSettingsFlags(command: Command): void {
  command.addOption(configOption)
  for (const key of SETTING_KEYS) {
    const { flag, kind, doc, defaultText, env } = SETTINGS[key]
    const fallback = defaultText === '' ? '' : `; default ${defaultText}`
    command.addOption(new Option(`${flag} <${kind.argument}>`, `${doc} (${env}${fallback})`))
  }
}

/** The flags that are not settings: the command's own. */
export function ownFlags(values: FlagValues): FlagValues {
  const taken = new Set([configOption.attributeName(), ...SETTING_KEYS.map(attributeOf)])
  return Object.fromEntries(Object.entries(values).filter(([name]) => !taken.has(name)))
}

/** Where the process's surroundings enter: variables by name, and where a fault is told. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stderr: (text: string) => void
}

/** The settings, or undefined after every fault has been told on stderr: the caller then exits 1. */
export function settingsFromFlags(
  values: FlagValues,
  { env, stderr }: Surroundings,
): { readonly settings: Settings; readonly origins: Origins } | undefined {
  const named = textOf(values[configOption.attributeName()]) ?? env[CONFIG_ENV]
  const loaded = loadSettings({ env, flags: flagTexts(values), files: readSettingsFiles(named), read: readNamed })
  if (!('faults' in loaded)) return loaded
  const count = loaded.faults.length
  stderr(`sightline: ${count} ${count === 1 ? 'setting is' : 'settings are'} wrong:\n`)
  for (const fault of loaded.faults) stderr(`  ${describeFault(fault)}\n`)
  return undefined
}

function flagTexts(values: FlagValues): Partial<Record<SettingKey, string>> {
  const texts: Partial<Record<SettingKey, string>> = {}
  for (const key of SETTING_KEYS) {
    const text = textOf(values[attributeOf(key)])
    if (text !== undefined) texts[key] = text
  }
  return texts
}

/** commander's name for a setting's flag: `--poll-interval` is `pollInterval`. */
function attributeOf(key: SettingKey): string {
  return new Option(`${SETTINGS[key].flag} <value>`).attributeName()
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
