/** A page's end as clients hold it: opaque text, good for the order that it was given for. */

import type { PageEnd } from '../db/ports.ts'

export function cursorOf(sort: string, { key, contextId }: PageEnd): string {
  return Buffer.from(JSON.stringify([sort, key, contextId])).toString('base64url')
}

/** undefined when it is none of ours. */
export function readCursor(text: string): { readonly sort: string; readonly after: PageEnd } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (!Array.isArray(value) || value.length !== 3) return undefined
    const [sort, key, contextId] = value as readonly unknown[]
    if (typeof sort !== 'string' || typeof key !== 'string' || typeof contextId !== 'string') return undefined
    return { sort, after: { key, contextId } }
  } catch {
    return undefined
  }
}
