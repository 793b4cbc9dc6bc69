/** What follows from a routes table alone. */

import type { Route } from './route.ts'

/** `/api/v1/progress/{jobId}` → `/api/v1/progress/:jobId`. */
export function colonPattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** The names of a path's parameters, in order. */
export function paramNames(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '')
}

/** Every path of the table → its methods as the Allow header names them. */
export function allowedMethods(routes: readonly Route[]): ReadonlyMap<string, string> {
  const allowed = new Map<string, string>()
  for (const { path, method } of routes) {
    const methods = method === 'GET' ? 'GET, HEAD' : method
    const before = allowed.get(path)
    allowed.set(path, before === undefined ? methods : `${before}, ${methods}`)
  }
  return allowed
}
