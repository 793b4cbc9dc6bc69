/**
 * The kinds of value a setting can have: how its text is read, how its value is shown, and how the documentation
 * names it. A kind never looks at another setting; what holds between settings is in rules.ts.
 */

import { formatDuration, parseDuration } from '../src/model/units.ts'
import { suggestion } from './suggest.ts'

/** What reading one text brings: the value, or what is wrong with it in words that follow the setting's name. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** Reads a file that a setting names: its text, or why there is none, in words that follow `which`. */
export type ReadText = (path: string) => { readonly text: string } | { readonly problem: string }

export interface Kind<T> {
  /** For the documentation: `duration`, `integer`, `on or off`. */
  readonly label: string
  /** What a flag's argument is called in `--help`. */
  readonly argument: string
  /** `read` is for kinds whose text names a file. */
  readonly parse: (text: string, read?: ReadText) => Parsed<T>
  /** The text that `parse` reads back to the same value. */
  readonly show: (value: T) => string
  /** The settings file may say it in JSON's own types; undefined when this kind has no such form. */
  readonly fromJson?: (value: unknown) => string | undefined
  /** For the documentation; absent when every value of the kind is good. */
  readonly bounds?: string
}

/** Milliseconds, written `5s`, `500ms`, `5m`, `24h` or together `1m30s`. */
export function duration(min: number, max: number): Kind<number> {
  const bounds = `${formatDuration(min)} to ${formatDuration(max)}`
  return {
    label: 'duration',
    argument: 'duration',
    bounds,
    show: formatDuration,
    fromJson: (value) => (typeof value === 'number' ? `${value}ms` : undefined),
    parse(text) {
      const ms = parseDuration(text)
      if (ms === undefined)
        return { problem: 'is not a duration: write a number with its unit, as 500ms, 5s, 5m or 24h' }
      return ms < min || ms > max ? { problem: `must be ${bounds}` } : { value: ms }
    },
  }
}

export function integer(min: number, max: number): Kind<number> {
  const bounds = `${min} to ${max}`
  return {
    label: 'integer',
    argument: 'number',
    bounds,
    show: String,
    fromJson: (value) => (typeof value === 'number' ? String(value) : undefined),
    parse(text) {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      if (!Number.isSafeInteger(value)) return { problem: 'is not a whole number' }
      return value < min || value > max ? { problem: `must be ${bounds}` } : { value }
    },
  }
}

const SWITCH: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  '1': true,
  off: false,
  false: false,
  no: false,
  '0': false,
}

export const onOff: Kind<boolean> = {
  label: 'on or off',
  argument: 'on|off',
  show: (value) => (value ? 'on' : 'off'),
  fromJson: (value) => (typeof value === 'boolean' ? String(value) : undefined),
  parse(text) {
    const value = Object.hasOwn(SWITCH, text.toLowerCase()) ? SWITCH[text.toLowerCase()] : undefined
    return value === undefined ? { problem: 'must be on or off' } : { value }
  },
}

function oneWord<T extends string>(text: string, words: readonly T[]): Parsed<T> {
  const wanted = text.toLowerCase()
  const value = words.find((word) => word === wanted)
  return value === undefined
    ? { problem: `has no value "${text}"${suggestion(wanted, words)}; it knows ${words.join(', ')}` }
    : { value }
}

/** One of a few words, whatever their case. `aliases` are other spellings that people use. */
export function oneOf<const T extends string>(words: readonly T[], aliases: Readonly<Record<string, T>> = {}): Kind<T> {
  return {
    label: words.join(' | '),
    argument: words.join('|'),
    show: (value) => value,
    parse(text) {
      const key = text.toLowerCase()
      const alias = Object.hasOwn(aliases, key) ? aliases[key] : undefined
      return alias === undefined ? oneWord(text, words) : { value: alias }
    },
  }
}

/** Comma-separated words out of a known set, each once. */
export function wordList<T extends string>(words: readonly T[]): Kind<readonly T[]> {
  return {
    label: 'comma-separated words',
    argument: 'words',
    bounds: `any of ${words.join(', ')}`,
    show: (value) => value.join(','),
    fromJson: joinList,
    parse(text) {
      const found: T[] = []
      for (const part of splitList(text)) {
        const word = oneWord(part, words)
        if ('problem' in word) return word
        if (!found.includes(word.value)) found.push(word.value)
      }
      return found.length === 0 ? { problem: 'names no word' } : { value: found }
    },
  }
}

/** A name or address to listen on, without scheme and port. */
export const host: Kind<string> = {
  label: 'host name or address',
  argument: 'host',
  show: (value) => value,
  parse(text) {
    const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
    const isHost = bare.length <= 253 && /^[\w.-]+$/.test(bare)
    const isAddress6 = bare.includes(':') && /^[\da-f:.]+(%\w+)?$/i.test(bare) && bare.split(':').length > 2
    return isHost || isAddress6
      ? { value: bare }
      : { problem: 'must be a host name or an address, without scheme and port' }
  },
}

/** A zone that this runtime's tables know, or `system`: the zone of this machine. */
export const timeZone: Kind<string> = {
  label: 'IANA time zone or `system`',
  argument: 'zone',
  show: (value) => value,
  parse(text) {
    if (text.toLowerCase() === 'system') return { value: 'system' }
    try {
      return { value: new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone }
    } catch {
      return { problem: `"${text}" is not a time zone: write an IANA name as Europe/London, or system` }
    }
  },
}

/** Tokens, each as it is or as `sha256:` and 64 hexadecimal digits. Faults never repeat a token. */
export const tokenList: Kind<readonly string[]> = {
  label: 'comma-separated tokens',
  argument: 'tokens',
  show: (value) => value.join(','),
  fromJson: joinList,
  parse(text) {
    const tokens = splitList(text)
    for (const [index, token] of tokens.entries()) {
      if (/\s/.test(token)) return { problem: `entry ${index + 1} contains white space` }
      const isHash = token.toLowerCase().startsWith('sha256:')
      if (isHash && !/^sha256:[\da-f]{64}$/i.test(token)) {
        return { problem: `entry ${index + 1} says sha256: but 64 hexadecimal digits do not follow` }
      }
    }
    return { value: tokens }
  },
}

/** One token to send, so not as a digest. Faults never repeat it. */
export const bearerToken: Kind<string> = {
  label: 'token',
  argument: 'token',
  show: (value) => value,
  parse(text) {
    if (/^sha256:/i.test(text)) return { problem: 'is a digest; the token itself has to be sent' }
    if (!/^[\x21-\x7e]*$/.test(text)) return { problem: 'holds white space or characters that no header can carry' }
    return { value: text }
  },
}

/** The parts between commas, trimmed; empty parts (a comma at the end) say nothing. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** A JSON array of texts as a comma-separated one; an entry with a comma would come back as two. */
export function joinList(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined
  const parts: unknown[] = value
  const isPart = (part: unknown): part is string => typeof part === 'string' && !part.includes(',')
  return parts.every(isPart) ? parts.join(',') : undefined
}
