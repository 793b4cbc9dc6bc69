/** From a web server's request to ours: only what the route asks for is read, and everything is bounded (SEC-1). */

import { bodyTooLarge, unsupportedMediaType } from './answers.ts'
import { HttpRequest, type BodyRule, type HeaderName, type HttpAnswer, type Route } from './route.ts'

/** What is needed of a web server's request; it is read at once, never kept. */
export interface RawRequest {
  getParameter(name: string): string | undefined
  getHeader(lowerCaseName: string): string
  getQuery(): string
}

/** undefined when a name in the path is not acceptable. */
export function readRequest(route: Route, names: readonly string[], raw: RawRequest): HttpRequest | undefined {
  const params = readParams(names, raw)
  if (params === undefined) return undefined
  return new HttpRequest(route, params, readHeaders(route, raw), route.query === true ? raw.getQuery() : '')
}

const NO_PARAMS: Readonly<Record<string, string>> = {}
const NO_HEADERS: Readonly<Partial<Record<HeaderName, string>>> = {}

function readParams(names: readonly string[], raw: RawRequest): Readonly<Record<string, string>> | undefined {
  if (names.length === 0) return NO_PARAMS
  const params: Record<string, string> = {}
  for (const name of names) {
    const value = decodeParam(raw.getParameter(name) ?? '')
    if (value === undefined) return undefined
    params[name] = value
  }
  return params
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

/** `application/json; charset=utf-8` → `application/json`. */
function mediaType(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}
