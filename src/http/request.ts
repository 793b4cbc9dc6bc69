/** From a web server's request to ours: only what the route asks for is read, and everything is bounded (SEC-1). */

import { bodyTooLarge, unsupportedMediaType } from './answers.ts'
import { HttpRequest, type BodyRule, type HeaderName, type HttpAnswer, type Route } from './route.ts'

/** What is needed of a web server's request; it is read at once, never kept. */
export interface RawRequest {
  /** By its place in the path, from 0. */
  getParameter(place: number): string | undefined
  getHeader(lowerCaseName: string): string
  getQuery(): string
}

/** undefined when a name in the path is not acceptable. */
export function readRequest(route: Route, names: readonly string[], raw: RawRequest): HttpRequest | undefined {
  const values = readParams(names, raw)
  if (values === undefined) return undefined
  const query = route.query === true ? raw.getQuery() : ''
  return new HttpRequest(route, { names, values }, readHeaders(route, raw), query)
}

const NO_VALUES: readonly string[] = []
const NO_HEADERS: Readonly<Partial<Record<HeaderName, string>>> = {}

/** Values in the order of their names. */
function readParams(names: readonly string[], raw: RawRequest): readonly string[] | undefined {
  if (names.length === 0) return NO_VALUES
  const values: string[] = []
  for (let place = 0; place < names.length; place += 1) {
    const value = decodeParam(raw.getParameter(place) ?? '')
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function readHeaders(route: Route, raw: RawRequest): Readonly<Partial<Record<HeaderName, string>>> {
  if (route.headers === undefined && route.auth === 'none') return NO_HEADERS
  const headers: Partial<Record<HeaderName, string>> = {}
  if (route.auth === 'token') headers.authorization = raw.getHeader('authorization')
  for (const name of route.headers ?? []) headers[name] = raw.getHeader(name)
  return headers
}

const MAX_PARAM_LENGTH = 255
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/

/** A path segment → its value; undefined when it is badly encoded, too long, or holds control characters (SEC-1). */
function decodeParam(segment: string): string | undefined {
  const value = segment.includes('%') ? decoded(segment) : segment
  if (value === undefined || value.length === 0 || value.length > MAX_PARAM_LENGTH || CONTROL.test(value))
    return undefined
  return value
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** What is wrong with a body, as far as the headers tell. */
export function bodyRefusal(
  { contentTypes, maxBytes }: BodyRule,
  raw: Pick<RawRequest, 'getHeader'>,
  now: number,
): HttpAnswer | undefined {
  const type = mediaType(raw.getHeader('content-type'))
  if (type !== '' && !contentTypes.includes(type)) return unsupportedMediaType(contentTypes, now)
  return Number(raw.getHeader('content-length')) > maxBytes ? bodyTooLarge(maxBytes, now) : undefined
}

/** A refused request whose body we do not want to read to its end. */
export function hasMuchToSend(raw: Pick<RawRequest, 'getHeader'>): boolean {
  return Number(raw.getHeader('content-length')) > 65_536 || raw.getHeader('transfer-encoding') !== ''
}

/** `application/json; charset=utf-8` → `application/json`. */
function mediaType(contentType: string): string {
  if (contentType === 'application/json') return contentType
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}
