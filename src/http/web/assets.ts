/** The built dashboard's files as they are answered (API-7): type, caching, and bodies compressed once at start. */

import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

export interface WebFile {
  /** `/index.html`, `/assets/index-BxT8kq2a.js`: as a browser asks for it, below the dashboard's folder. */
  readonly path: string
  readonly bytes: Uint8Array
}

export type Encoding = 'br' | 'gzip'

export interface Asset {
  /** `/` for index.html. */
  readonly path: string
  readonly contentType: string
  readonly cacheControl: string
  /** Of the file as it is; a compressed body's has the encoding behind it. */
  readonly tag: string
  readonly plain: Uint8Array
  /** Only where they are smaller. */
  readonly compressed: Readonly<Partial<Record<Encoding, Uint8Array>>>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt', '.ico'])
/** Below it the headers cost more than is saved. */
const LEAST_BYTES = 512
/** Of 11: 200 KB take 20 ms instead of 400 and come out 5 % larger. */
const BROTLI_QUALITY = 9

/** vite puts a hash of the content into the names below assets/: what such a URL answers never changes. */
const FOREVER = 'public, max-age=31536000, immutable'
const ASK_EACH_TIME = 'no-cache'

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)

export async function toAsset({ path, bytes }: WebFile): Promise<Asset> {
  const kind = extname(path).toLowerCase()
  return {
    path: path === '/index.html' ? '/' : path,
    contentType: TYPES[kind] ?? 'application/octet-stream',
    cacheControl: path.startsWith('/assets/') ? FOREVER : ASK_EACH_TIME,
    tag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
    plain: bytes,
    compressed: COMPRESSIBLE.has(kind) && bytes.byteLength >= LEAST_BYTES ? await compress(bytes) : {},
  }
}

async function compress(bytes: Uint8Array): Promise<Asset['compressed']> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const [br, gz] = await Promise.all([toBrotli(bytes, { params }), toGzip(bytes, { level: 9 })])
  return {
    ...(br.byteLength < bytes.byteLength ? { br } : {}),
    ...(gz.byteLength < bytes.byteLength ? { gzip: gz } : {}),
  }
}

/** What of `Accept-Encoding` is taken: br before gzip; one that is refused (`q=0`) is not sent. */
export function chooseEncoding(accepted: string, { compressed }: Pick<Asset, 'compressed'>): Encoding | undefined {
  const taken = new Set<string>()
  for (const entry of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim())
    if (!parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))) taken.add(name)
  }
  return (['br', 'gzip'] as const).find((encoding) => compressed[encoding] !== undefined && taken.has(encoding))
}

/** A strong tag: each encoding is another body. */
export function entityTag({ tag }: Pick<Asset, 'tag'>, encoding: Encoding | undefined): string {
  return encoding === undefined ? `"${tag}"` : `"${tag}-${encoding}"`
}

/** RFC 9110, 13.1.2: a list, or `*`; proxies may have made a tag weak. */
export function holdsTag(ifNoneMatch: string, entity: string): boolean {
  return ifNoneMatch.split(',').some((tag) => {
    const held = tag.trim()
    return held === '*' || held.replace(/^W\//, '') === entity
  })
}
