/** Settings that say where something is reached: VMAs and the database. */

import { joinList, splitList } from './kinds.ts'
import type { Kind, Parsed } from './kinds.ts'

export interface VmaEndpoint {
  /** Given as `name=url`, else host and port of the URL. Labels metrics and logs. */
  readonly name: string
  /** http or https, without a slash at the end. */
  readonly url: string
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

/** `http://host:port`, or several of them with commas, each optionally as `name=url`. */
export const vmaList: Kind<readonly VmaEndpoint[]> = {
  label: 'comma-separated URLs, each optionally as name=url',
  argument: 'urls',
  bounds: 'http or https',
  show: (value) => value.map(({ name, url }) => (name === new URL(url).host ? url : `${name}=${url}`)).join(','),
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
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return { problem: `"${withoutCredentials(address)}" is not an http or https URL` }
  }
  if (url.username !== '' || url.password !== '') return { problem: `"${url.host}" must not carry a user or password` }
  if (url.search !== '' || url.hash !== '') return { problem: `"${url.host}" must not carry a query or a fragment` }
  return { value: { name: name ?? url.host, url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` } }
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
