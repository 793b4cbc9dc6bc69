/** Reads what files, environment and flags give, as texts by key; what nobody knows is a fault with a suggestion. */

import { readVmas } from './access.ts'
import type { OwnAccess } from './access.ts'
import { CLIENT_ENV, ENV_PREFIXES, SETTINGS, SETTING_KEYS, VCENTERS_KEY, isSettingKey } from './schema.ts'
import type { SettingKey } from './schema.ts'
import { suggestion } from './suggest.ts'

/** Where a value came from: `name` is the file, the variable or the flag. */
export interface Origin {
  readonly source: 'default' | 'file' | 'env' | 'flag'
  readonly name: string
}

export interface SettingFault {
  readonly origin: Origin
  /** The key, variable or flag as the person knows it; empty when the fault is the file's as a whole. */
  readonly name: string
  /** Follows the name: `must be 1 to 16`. Never holds a secret. */
  readonly problem: string
}

/** A file that was to be read: its text, or why there is none. */
export type SettingsFile =
  | { readonly path: string; readonly text: string }
  | { readonly path: string; readonly problem: string }

/** The text given for a setting, by the last source that has one. */
export interface Given {
  readonly text: string
  readonly origin: Origin
}

export interface Gathered {
  readonly given: Map<SettingKey, Given>
  readonly faults: SettingFault[]
  /** What the last file that has `vmas` as an object gives to single ones of them. */
  own: OwnAccess | undefined
  vcenters: { readonly map: Readonly<Record<string, string>>; readonly origin: Origin } | undefined
}

export function readFile(file: SettingsFile, into: Gathered): void {
  const origin: Origin = { source: 'file', name: file.path }
  const values = 'problem' in file ? file.problem : parseObject(file.text)
  if (typeof values === 'string') {
    into.faults.push({ origin, name: '', problem: values })
    return
  }
  for (const [key, value] of Object.entries(values)) {
    if (key === VCENTERS_KEY) readVcenters(value, origin, into)
    else if (key === 'vmas' && isObject(value)) {
      const { list, own } = readVmas(value, origin, into)
      give(key, list, origin, into)
      into.own = own
    } else if (isSettingKey(key)) readFileValue(key, value, origin, into)
    else {
      const problem = `is not a setting${suggestion(key, [...SETTING_KEYS, VCENTERS_KEY])}`
      into.faults.push({ origin, name: key, problem })
    }
  }
}

/** The object in a JSON text, or what is wrong with the text. */
function parseObject(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : 'is not a JSON object'
  } catch (error) {
    // The whole message quotes the text around the fault, and that may be a token.
    const place = error instanceof Error ? /\(line \d+ column \d+\)/.exec(error.message)?.[0] : undefined
    return `is not JSON${place === undefined ? '' : ` ${place}`}`
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readFileValue(key: SettingKey, value: unknown, origin: Origin, into: Gathered): void {
  const { kind } = SETTINGS[key]
  const text = typeof value === 'string' ? value : kind.fromJson?.(value)
  if (text !== undefined) give(key, text, origin, into)
  else if (value !== null) into.faults.push({ origin, name: key, problem: `is no ${kind.label}` })
}

function readVcenters(value: unknown, origin: Origin, into: Gathered): void {
  const entries = isObject(value) ? Object.entries(value) : []
  const isNamed = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
  if (!isObject(value) || !entries.every(isNamed)) {
    into.faults.push({ origin, name: VCENTERS_KEY, problem: 'must be an object of vCenter host to VMA name' })
    return
  }
  if (entries.length === 0) return
  const named = Object.fromEntries(entries.filter(isNamed))
  into.vcenters = { map: { ...into.vcenters?.map, ...named }, origin }
}

const CLIENT_NAMES: ReadonlySet<string> = new Set(CLIENT_ENV)

export function readEnvironment(env: Readonly<Record<string, string | undefined>>, into: Gathered): void {
  const names = new Map(SETTING_KEYS.map((key) => [SETTINGS[key].env, key]))
  for (const [name, text] of Object.entries(env)) {
    const key = names.get(name)
    const origin: Origin = { source: 'env', name }
    if (key !== undefined) give(key, text ?? '', origin, into)
    else if (!CLIENT_NAMES.has(name) && ENV_PREFIXES.some((prefix) => name.startsWith(prefix))) {
      into.faults.push({ origin, name, problem: `is not a setting${suggestion(name, [...names.keys()])}` })
    }
  }
}

export function readFlags(flags: Readonly<Partial<Record<SettingKey, string>>>, into: Gathered): void {
  for (const key of SETTING_KEYS) {
    give(key, flags[key] ?? '', { source: 'flag', name: SETTINGS[key].flag }, into)
  }
}

/** An empty text is "not set": it leaves what an earlier source gave. */
function give(key: SettingKey, text: string, origin: Origin, into: Gathered): void {
  const trimmed = text.trim()
  if (trimmed !== '') into.given.set(key, { text: trimmed, origin })
}
