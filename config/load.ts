/**
 * Settings out of their sources, pure: defaults < files < environment < flags (CFG-1). The texts of the files, and what
 * reads those that settings name, are given (files.ts). Every value remembers where it came from, and all faults come
 * back at once.
 */

import { withAccess } from './access.ts'
import type { ReadText } from './kinds.ts'
import { brokenRules } from './rules.ts'
import { SETTINGS, SETTING_KEYS, VCENTERS_KEY } from './schema.ts'
import type { SettingKey, Settings } from './schema.ts'
import { readEnvironment, readFile, readFlags } from './sources.ts'
import type { Gathered, Origin, SettingFault, SettingsFile } from './sources.ts'

export type Origins = Readonly<Record<SettingKey | typeof VCENTERS_KEY, Origin>>

export interface Sources {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Texts by setting key. */
  readonly flags?: Readonly<Partial<Record<SettingKey, string>>>
  /** Later files win. */
  readonly files?: readonly SettingsFile[]
  /** For settings that name a file; without it naming one is a fault. */
  readonly read?: ReadText
}

export type Loaded =
  | { readonly settings: Settings; readonly origins: Origins }
  | { readonly faults: readonly SettingFault[] }

const DEFAULT_ORIGIN: Origin = { source: 'default', name: 'default' }

export function loadSettings(sources: Sources): Loaded {
  const gathered: Gathered = { given: new Map(), faults: [], own: undefined, vcenters: undefined }
  for (const file of sources.files ?? []) readFile(file, gathered)
  readEnvironment(sources.env ?? {}, gathered)
  readFlags(sources.flags ?? {}, gathered)

  const values: Partial<Record<SettingKey, unknown>> = {}
  const { read } = sources
  for (const key of SETTING_KEYS) readValue(key, gathered, values, read)
  // Each value came out of its own setting's kind; a key that failed is absent.
  const parsed = { ...values, vcenters: gathered.vcenters?.map ?? {} } as Partial<Settings>
  const settings = 'vmas' in parsed ? { ...parsed, vmas: withAccess(parsed, gathered, read) } : parsed
  const origins = originsOf(gathered)
  for (const { key, problem } of brokenRules(settings)) {
    gathered.faults.push({ origin: origins[key], name: nameOf(key, origins[key]), problem })
  }
  return gathered.faults.length > 0 ? { faults: gathered.faults } : { settings: settings as Settings, origins }
}

function readValue(
  key: SettingKey,
  { given, faults }: Gathered,
  values: Partial<Record<SettingKey, unknown>>,
  read: ReadText | undefined,
): void {
  const { text, origin } = given.get(key) ?? { text: SETTINGS[key].defaultText, origin: DEFAULT_ORIGIN }
  const parsed = SETTINGS[key].kind.parse(text, read)
  if ('problem' in parsed) faults.push({ origin, name: nameOf(key, origin), problem: parsed.problem })
  else values[key] = parsed.value
}

function originsOf({ given, vcenters }: Gathered): Origins {
  const ofKeys = SETTING_KEYS.map((key) => [key, given.get(key)?.origin ?? DEFAULT_ORIGIN] as const)
  return { ...Object.fromEntries(ofKeys), [VCENTERS_KEY]: vcenters?.origin ?? DEFAULT_ORIGIN } as Origins
}

/** A fault names the setting as its source does. */
function nameOf(key: SettingKey | typeof VCENTERS_KEY, origin: Origin): string {
  if (key === VCENTERS_KEY || origin.source === 'file') return key
  return origin.source === 'flag' ? SETTINGS[key].flag : SETTINGS[key].env
}

/** `VMA_PROGRESS_MAX_ERRORS must be 1 to 1000`, for people. */
export function describeFault({ origin, name, problem }: SettingFault): string {
  const subject = name === '' ? '' : `${name} `
  return origin.source === 'file' ? `${origin.name}: ${subject}${problem}` : `${subject}${problem}`
}
