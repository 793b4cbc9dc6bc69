/** What the address says: `#/` with the list's query, `#/vm/<name>?vcenter=…&job=…`. */

import { EVERYTHING, GROUPS, SORTS, type Query } from '../model/query.ts'

export type Route =
  | { readonly page: 'fleet'; readonly query: Query }
  | {
      readonly page: 'vm'
      readonly name: string
      readonly vcenter: string | undefined
      /** Another job than its latest. */
      readonly job: string | undefined
    }

/** What it does not know is the whole fleet. */
export function routeOf(hash: string): Route {
  const [path = '', text = ''] = split(hash.replace(/^#/, ''))
  const parameters = new URLSearchParams(text)
  const name = /^\/vm\/([^/]+)\/?$/.exec(path)?.[1]
  if (name === undefined) return { page: 'fleet', query: queryOf(parameters) }
  return {
    page: 'vm',
    name: decoded(name),
    vcenter: parameters.get('vcenter') ?? undefined,
    job: parameters.get('job') ?? undefined,
  }
}

export function vmHash(name: string, vcenter: string, job?: string): string {
  const parameters = new URLSearchParams()
  if (vcenter !== '') parameters.set('vcenter', vcenter)
  if (job !== undefined) parameters.set('job', job)
  return withParameters(`#/vm/${encodeURIComponent(name)}`, parameters)
}

/** Only what differs from the whole fleet. */
export function fleetHash(query: Query): string {
  const parameters = new URLSearchParams()
  if (query.search !== '') parameters.set('q', query.search)
  if (query.group !== 'all') parameters.set('show', query.group)
  if (query.status !== '') parameters.set('status', query.status)
  if (query.sort !== EVERYTHING.sort) parameters.set('sort', query.sort)
  if (query.descending) parameters.set('desc', '1')
  return withParameters('#/', parameters)
}

function queryOf(parameters: URLSearchParams): Query {
  const of = <T extends string>(name: string, words: readonly T[], otherwise: T): T =>
    words.find((word) => word === parameters.get(name)) ?? otherwise
  return {
    search: parameters.get('q') ?? '',
    group: of('show', GROUPS, EVERYTHING.group),
    status: parameters.get('status') ?? '',
    sort: of('sort', SORTS, EVERYTHING.sort),
    descending: parameters.get('desc') === '1',
  }
}

function split(hash: string): readonly string[] {
  const at = hash.indexOf('?')
  return at === -1 ? [hash] : [hash.slice(0, at), hash.slice(at + 1)]
}

function withParameters(hash: string, parameters: URLSearchParams): string {
  const text = parameters.toString()
  return text === '' ? hash : `${hash}?${text}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
