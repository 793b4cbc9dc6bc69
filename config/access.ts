/**
 * How each VMA is reached (CFG-2). The settings of the way to the VMAs hold for all of them; in the settings file `vmas`
 * may be an object, and a VMA there may have its own: `"vmas": { "paris": { "url": "https://…", "ca": "paris.pem" } }`.
 */

import type { VmaAccess, VmaEndpoint } from './endpoints.ts'
import type { ReadText } from './kinds.ts'
import { isPair } from './pem.ts'
import { SETTINGS } from './schema.ts'
import type { SettingKey, Settings } from './schema.ts'
import type { Gathered, Origin } from './sources.ts'
import { suggestion } from './suggest.ts'

type Field = keyof VmaAccess

/** A VMA's own keys in the file, and the setting that each stands in for. */
export const ACCESS: { readonly [F in Field]-?: SettingKey } = {
  ca: 'clientTlsCa',
  cert: 'clientTlsCert',
  key: 'clientTlsKey',
  proxy: 'clientProxy',
  token: 'clientToken',
}
const FIELDS = Object.keys(ACCESS).filter(isField)

function isField(key: string): key is Field {
  return Object.hasOwn(ACCESS, key)
}

/** What the file gives to single VMAs, by name, not yet read. */
export interface OwnAccess {
  readonly origin: Origin
  readonly texts: ReadonlyMap<string, Readonly<Partial<Record<Field, string>>>>
}

/** The object form of `vmas` as its list, which goes the way of every setting, and what each VMA has of its own. */
export function readVmas(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  { faults }: Gathered,
): { readonly list: string; readonly own: OwnAccess } {
  const list: string[] = []
  const texts = new Map<string, Partial<Record<Field, string>>>()
  for (const [name, entry] of Object.entries(value)) {
    const fault = (field: string, problem: string): void => {
      faults.push({ origin, name: `vmas.${name}${field}`, problem })
    }
    const { url, ...own } = typeof entry === 'object' && entry !== null ? { url: undefined, ...entry } : { url: entry }
    if (!/^[\w.-]+$/.test(name)) fault('', 'must be named with letters, digits, dots and dashes')
    else if (typeof url !== 'string' || url.includes(',')) fault('', 'must be a URL, or an object with one as "url"')
    else list.push(`${name}=${url}`)
    texts.set(name, readFields(own, fault))
  }
  return { list: list.join(','), own: { origin, texts } }
}

function readFields(given: object, fault: (field: string, problem: string) => void): Partial<Record<Field, string>> {
  const texts: Partial<Record<Field, string>> = {}
  for (const [key, text] of Object.entries(given) as [string, unknown][]) {
    if (!isField(key)) fault(`.${key}`, `is nothing that a VMA has${suggestion(key, ['url', ...FIELDS])}`)
    else if (typeof text === 'string' && text.trim() !== '') texts[key] = text.trim()
    else if (text !== null && typeof text !== 'string') fault(`.${key}`, 'must be a text')
  }
  return texts
}

/** Every VMA with the way to it. What the file gives to single ones counts as long as no later source names the VMAs. */
export function withAccess(settings: Partial<Settings>, gathered: Gathered, read?: ReadText): readonly VmaEndpoint[] {
  const { own, given } = gathered
  const counts = own !== undefined && given.get('vmas')?.origin === own.origin
  return (settings.vmas ?? []).map((vma) => {
    const texts = (counts ? own.texts.get(vma.name) : undefined) ?? {}
    const fault = (field: Field, problem: string): void => {
      if (own !== undefined) gathered.faults.push({ origin: own.origin, name: `vmas.${vma.name}.${field}`, problem })
    }
    return { ...vma, ...shared(vma, settings), ...ownOf(vma, texts, read, fault) }
  })
}

/** An https proxy is trusted by the same authorities, whatever the VMA behind it speaks. */
function shared({ url }: VmaEndpoint, settings: Partial<Settings>): VmaAccess {
  const overTls = url.startsWith('http:') && settings.clientProxy?.origin.startsWith('https:') === true
  const fields = FIELDS.filter((field) => isOfUse(field, url) || (field === 'ca' && overTls))
  const values = fields.map((field) => [field, settings[ACCESS[field]]] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== ''))
}

function ownOf(
  { url }: VmaEndpoint,
  texts: Readonly<Partial<Record<Field, string>>>,
  read: ReadText | undefined,
  fault: (field: Field, problem: string) => void,
): Partial<VmaEndpoint> {
  const values: Partial<Record<Field, unknown>> = {}
  for (const field of FIELDS) {
    const text = texts[field]
    if (text === undefined) continue
    const parsed = SETTINGS[ACCESS[field]].kind.parse(text, read)
    if (!isOfUse(field, url)) fault(field, `is of no use for ${url}`)
    else if ('problem' in parsed) fault(field, parsed.problem)
    else values[field] = parsed.value
  }
  // Each value came out of its own field's kind.
  const access = values as VmaAccess
  if ((texts.cert === undefined) !== (texts.key === undefined)) {
    fault(texts.cert === undefined ? 'key' : 'cert', 'is of no use alone: cert and key go together')
  } else if (access.cert && access.key && !isPair(access.cert, access.key)) {
    fault('key', 'is not the key of the certificate')
  }
  const own = FIELDS.filter((field) => field in values)
  return own.length === 0 ? {} : { ...access, own }
}

/** TLS needs https, and a socket of this machine has no proxy before it. */
function isOfUse(field: Field, url: string): boolean {
  if (field === 'token') return true
  return field === 'proxy' ? !url.startsWith('unix:') : url.startsWith('https:')
}
