/**
 * Reading single fields of an untrusted document (NORM-1): a field is there and usable, or it is absent; a field that
 * is there and unusable is a fault of that field, never an exception.
 */

export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Collects the names of unusable fields; `names` is created on the first fault only (there is none in most answers). */
export class Faults {
  names: string[] | undefined

  add(name: string): void {
    this.names ??= []
    if (!this.names.includes(name)) this.names.push(name)
  }
}

/** A number ≥ 0 and ≤ 2^53-1. */
export function readNumber(from: Json, name: string, faults: Faults): number | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value
  faults.add(name)
  return undefined
}

/** A whole number of bytes; fractions are cut off. */
export function readBytes(from: Json, name: string, faults: Faults): number | undefined {
  const value = readNumber(from, name, faults)
  return value === undefined ? undefined : Math.trunc(value)
}

/** Longest text that we keep of a VMA's word; columns hold 191 or more. */
const MAX_TEXT = 191

/** Text, trimmed; the empty one is absent. */
export function readText(from: Json, name: string, faults: Faults): string | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') {
    faults.add(name)
    return undefined
  }
  const text = value.trim()
  return text === '' ? undefined : text.slice(0, MAX_TEXT)
}

/** Date.parse takes far more than RFC 3339 ('5' is a day of 2001), and reads a time without a zone in our own one. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/** RFC 3339 → epoch ms. Go's zero time (year 1) and '' are absent. */
export function readTime(from: Json, name: string, faults: Faults): number | undefined {
  const value = from[name]
  if (value === undefined || value === null || value === '') return undefined
  const at = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) {
    faults.add(name)
    return undefined
  }
  return at > 0 ? at : undefined
}

/** A nested object; {} when absent, so that readers need no branch. */
export function readObject(from: Json, name: string, faults: Faults): Json {
  const value = from[name]
  if (value === undefined || value === null) return NOTHING
  if (isObject(value)) return value
  faults.add(name)
  return NOTHING
}
const NOTHING: Json = Object.freeze({})

/** Longest error text that we keep. */
const MAX_ERROR = 2_000

/** `errors` holds strings or objects, `last_error` anything: a sentence for people, or undefined. */
export function errorText(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined
  if (typeof value === 'string') return value.slice(0, MAX_ERROR)
  if (isObject(value)) {
    const inner = value['message'] ?? value['error'] ?? value['details']
    if (typeof inner === 'string' && inner !== '') return inner.slice(0, MAX_ERROR)
  }
  return asJson(value)?.slice(0, MAX_ERROR)
}

/** JSON.parse reads half a million nested brackets, JSON.stringify overflows the stack on them. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return 'an error that is nested too deeply to be shown'
  }
}
