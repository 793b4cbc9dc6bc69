/**
 * A query string read strictly (API-2): every fault is gathered and told at once, and nothing is ignored: neither a parameter
 * that the path does not know, nor one that is given twice.
 */

export class StrictQuery {
  readonly #query: URLSearchParams
  readonly #faults: string[] = []

  /** `known`: the parameters of the path; `repeatable`: those that may be given more than once. */
  constructor(query: URLSearchParams, known: readonly string[], repeatable: readonly string[] = []) {
    this.#query = query
    const rest = known.length === 0 ? 'it takes none' : known.join(', ')
    for (const name of new Set(query.keys())) {
      if (name === CACHE_BUSTER) continue
      if (!known.includes(name)) this.fault(`${quoted(name)} is no parameter of this path (${rest})`)
      else if (query.getAll(name).length > 1 && !repeatable.includes(name)) this.fault(`${name} must be given once`)
    }
  }

  get faults(): readonly string[] {
    return this.#faults
  }

  fault(sentence: string): void {
    this.#faults.push(sentence)
  }

  has(name: string): boolean {
    return this.#query.has(name)
  }

  /** Of any length; '' when absent. */
  raw(name: string): string {
    return this.#query.get(name) ?? ''
  }

  /** At most 255 characters; undefined when absent. */
  text(name: string): string | undefined {
    const value = this.#query.get(name) ?? undefined
    if (value === undefined || value.length <= MAX_TEXT) return value
    this.fault(`${name} must have at most ${MAX_TEXT} characters`)
    return undefined
  }

  whole(name: string, least: number, most: number): number | undefined {
    const value = this.#query.get(name) ?? undefined
    if (value === undefined) return undefined
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    this.fault(`${name} must be a whole number from ${least} to ${most}, not ${quoted(value)}`)
    return undefined
  }

  /** `a,b,c`, each entry once; undefined when absent or at fault. */
  list(name: string, most: number): readonly string[] | undefined {
    const value = this.#query.get(name) ?? undefined
    if (value === undefined) return undefined
    const entries = [...new Set(value.split(','))]
    const fault = listFault(entries, most)
    if (fault === undefined) return entries
    this.fault(`${name} ${fault}`)
    return undefined
  }

  /** As `list`, each entry one of `known`. */
  words(name: string, known: readonly string[]): readonly string[] | undefined {
    const entries = this.list(name, known.length)
    const unknown = entries?.filter((entry) => !known.includes(entry)) ?? []
    if (unknown.length > 0) this.fault(`${name} does not know ${unknown.map(quoted).join(', ')} (${known.join(', ')})`)
    return unknown.length > 0 ? undefined : entries
  }
}

/** What GUIs have long put behind a URL so that no cache answers (`?_=1757…`): it means nothing, and refusing it would break them. */
const CACHE_BUSTER = '_'
const MAX_TEXT = 255
/** What of a faulty value is told. */
const MAX_QUOTED = 60

export function quoted(value: string): string {
  return JSON.stringify(value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value)
}

function listFault(entries: readonly string[], most: number): string | undefined {
  if (entries.includes('')) return 'must be a list without empty entries, such as a,b'
  if (entries.length > most) return `must have at most ${most} entries`
  return entries.some((entry) => entry.length > MAX_TEXT)
    ? `must have entries of at most ${MAX_TEXT} characters`
    : undefined
}
