/** Settings that say where something is reached: VMAs, the proxy before them, and the database. */

import { joinList, splitList } from './kinds.ts'
import type { Kind, Parsed } from './kinds.ts'
import type { PemFile } from './pem.ts'

/** What is needed to get through to a VMA and be let in (CFG-2). */
export interface VmaAccess {
  /** Certificates to trust instead of the well-known ones. */
  readonly ca?: PemFile | undefined
  /** With `key`: what we show to a VMA that asks for a client certificate. */
  readonly cert?: PemFile | undefined
  readonly key?: PemFile | undefined
  readonly proxy?: ProxyTarget | undefined
  /** Bearer token; never shown. */
  readonly token?: string | undefined
}

export interface VmaEndpoint extends VmaAccess {
  /** Given as `name=url`, else host and port of the URL, else the socket's URL. Labels metrics and logs. */
  readonly name: string
  /** http or https, without a slash at the end; or `unix:` and the socket's path. */
  readonly url: string
  /** What of its access the settings file gives to this VMA alone. */
  readonly own?: readonly (keyof VmaAccess)[]
}

export interface ProxyTarget {
  /** Scheme, host and port. */
  readonly origin: string
  readonly user: string
  /** Never shown. */
  readonly password: string
}

export type DatabaseTarget =
  | {
      readonly dialect: 'mysql'
      readonly host: string
      readonly port: number
      readonly user: string
      readonly password: string
      readonly database: string
    }
  /** `:memory:` or a file; a relative one is below the working folder. */
  | { readonly dialect: 'sqlite'; readonly file: string }

/** `http://host:port` or `unix:/path`, or several of them with commas, each optionally as `name=url`. */
export const vmaList: Kind<readonly VmaEndpoint[]> = {
  label: 'comma-separated URLs, each optionally as name=url',
  argument: 'urls',
  bounds: 'http://, https:// or unix:/path',
  show: (value) => value.map(({ name, url }) => (name === nameOf(url) ? url : `${name}=${url}`)).join(','),
  fromJson: joinList,
  parse(text) {
    const vmas: VmaEndpoint[] = []
    for (const part of splitList(text)) {
      const vma = parseVma(part)
      if ('problem' in vma) return vma
      if (vmas.some((other) => other.name === vma.value.name)) return { problem: `names two VMAs "${vma.value.name}"` }
      vmas.push(vma.value)
    }
    return vmas.length === 0 ? { problem: 'names no URL' } : { value: vmas }
  },
}

function parseVma(part: string): Parsed<VmaEndpoint> {
  const [, name, address = part] = /^([\w.-]+)=(.*)$/.exec(part) ?? []
  if (/^unix:/i.test(address)) return parseSocket(name, address.slice('unix:'.length))
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { problem: `"${withoutCredentials(address)}" is not an http or https URL, nor unix:/path` }
  }
  if (url.username !== '' || url.password !== '') return { problem: `"${url.host}" must not carry a user or password` }
  if (url.search !== '' || url.hash !== '') return { problem: `"${url.host}" must not carry a query or a fragment` }
  return { value: { name: name ?? url.host, url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` } }
}

/** Longest path of a socket in bytes: sun_path of Linux without its closing zero. */
const MAX_SOCKET_PATH = 107

function parseSocket(name: string | undefined, path: string): Parsed<VmaEndpoint> {
  const url = `unix:${path}`
  if (!/^\/[^/]/.test(path)) return { problem: `"${url}" must name a socket by its whole path, as unix:/run/vma.sock` }
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
    return { problem: `"${url}" is longer than a socket's path may be (${MAX_SOCKET_PATH} bytes)` }
  return { value: { name: name ?? url, url } }
}

/** What a VMA is called to which no name was given. */
function nameOf(url: string): string {
  return url.startsWith('unix:') ? url : new URL(url).host
}

/** `http://user:password@host:port`; `none` where the settings file takes one VMA out. Faults never repeat the text. */
export const proxyUrl: Kind<ProxyTarget | undefined> = {
  label: 'proxy URL',
  argument: 'url',
  bounds: 'http:// or https://, or none',
  show: (value) => (value === undefined ? '' : showProxy(value)),
  parse(text) {
    if (text === '' || text.toLowerCase() === 'none') return { value: undefined }
    const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined) return { problem: 'must be http://host:port or https://host:port' }
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return { problem: 'must end with the port' }
    const [user, password] = [url.username, url.password].map(decode)
    if (user === undefined || password === undefined) {
      return { problem: 'has a % that starts no escape: write % as %25' }
    }
    if (user.includes(':')) return { problem: 'has a user with a colon, which no proxy can tell from the password' }
    return { value: { origin: url.origin, user, password } }
  },
}

/** The password is masked. */
function showProxy({ origin, user, password }: ProxyTarget): string {
  if (user === '' && password === '') return origin
  return origin.replace('://', `://${encodeURIComponent(user)}${password === '' ? '' : ':***'}@`)
}

function withoutCredentials(address: string): string {
  return address.replace(/.*@/, '***@')
}

/** `mysql://user:password@host:3306/database` or `sqlite:<file>`. Faults never repeat the text: it holds a password. */
export const databaseUrl: Kind<DatabaseTarget> = {
  label: 'database URL',
  argument: 'url',
  bounds: 'mysql:// (also mariadb://) or sqlite:',
  show: (value) => (value.dialect === 'sqlite' ? `sqlite:${value.file}` : showMysql(value)),
  parse(text) {
    if (/^sqlite:/i.test(text)) {
      const file = text.slice('sqlite:'.length).replace(/^\/\/(?=.)/, '')
      return file === '' ? { problem: 'names no file after sqlite:' } : { value: { dialect: 'sqlite', file } }
    }
    const url = /^(mysql|mariadb):\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
    return url === undefined
      ? { problem: 'must be mysql://user:password@host:3306/database or sqlite:<file>' }
      : parseMysql(url)
  },
}

function parseMysql(url: URL): Parsed<DatabaseTarget> {
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decode)
  if (user === undefined || password === undefined || database === undefined) {
    return { problem: 'has a % that starts no escape: write % as %25' }
  }
  if (url.hostname === '') return { problem: 'names no host' }
  if (!/^[\w$-]{1,64}$/.test(database))
    return { problem: 'must name one database after the host, as …:3306/migratekit_oma' }
  if (user === '') return { problem: 'names no user' }
  if (url.search !== '' || url.hash !== '') return { problem: 'must end with the database: no query, no fragment' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { value: { dialect: 'mysql', host, port: Number(url.port || 3306), user, password, database } }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The password is masked: this text goes to terminals and logs. */
function showMysql(target: Extract<DatabaseTarget, { dialect: 'mysql' }>): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  const password = target.password === '' ? '' : ':***'
  return `mysql://${encodeURIComponent(target.user)}${password}@${host}:${target.port}/${target.database}`
}
