/** Bearer tokens (SEC-1): compared by digest in constant time, given plain or as `sha256:<hex>`. */

import { createHash, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'

const DIGEST = /^sha256:([0-9a-f]{64})$/i

/**
 * Tokens as the settings hold them → "is this one of them?". Every token is compared, so that the time taken tells
 * nothing. Throws for an entry that can't be meant; the message never holds the entry.
 */
export function tokenChecker(entries: readonly string[]): (token: string) => boolean {
  const digests = entries.map(digestOfEntry)
  return (token) => {
    const digest = sha256(token)
    let known = false
    for (const candidate of digests) known = timingSafeEqual(candidate, digest) || known
    return known
  }
}

function digestOfEntry(entry: string, index: number): Buffer {
  if (entry === '') throw new Error(`token ${index + 1} is empty`)
  const hex = DIGEST.exec(entry)?.[1]
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  if (/^sha256:/i.test(entry)) throw new Error(`token ${index + 1}: sha256: takes 64 hex digits`)
  return sha256(entry)
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** The token of an Authorization header; undefined when it holds none. */
export function bearerOf(authorization: string): string | undefined {
  return /^bearer +([^\s]+) *$/i.exec(authorization)?.[1]
}

/** 127.0.0.0/8, ::1 and localhost: reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** SEC-1: no one but this machine's own processes gets in without a token. Throws otherwise. */
export function requireSafeBinding(host: string, asksForTokens: boolean): void {
  if (isLoopback(host) || asksForTokens) return
  throw new Error(`refusing to listen on ${host} without tokens: set tokens, or listen on 127.0.0.1`)
}
