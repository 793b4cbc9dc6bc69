/** The dashboard at `/` (API-7): one route a file, so that a path which is none of them is 404 before any look-up. */

import type { HttpAnswer, HttpRequest, Route } from '../route.ts'
import { chooseEncoding, entityTag, holdsTag, toAsset, type Asset } from './assets.ts'
import { readWebFolder } from './folder.ts'
import { safetyHeaders } from './headers.ts'

const HEADERS = ['accept-encoding', 'host', 'if-none-match'] as const

/** `folder`: of the build; without one `/` says how to build it. Rejects when the folder is there and can't be read. */
export async function webRoutes(folder: string): Promise<readonly Route[]> {
  const files = await readWebFolder(folder)
  const assets = await Promise.all((files.length > 0 ? files : [NOT_BUILT]).map(toAsset))
  return assets.map((asset) => ({
    method: 'GET',
    path: asset.path,
    summary: 'The dashboard',
    auth: 'none',
    headers: HEADERS,
    handler: (request) => answer(asset, request),
  }))
}

function answer(asset: Asset, request: HttpRequest): HttpAnswer {
  const encoding = chooseEncoding(request.header('accept-encoding'), asset)
  const entity = entityTag(asset, encoding)
  const headers: Record<string, string> = {
    ETag: entity,
    'Cache-Control': asset.cacheControl,
    Vary: 'Accept-Encoding',
    ...safetyHeaders(request.header('host')),
  }
  const { contentType } = asset
  if (holdsTag(request.header('if-none-match'), entity)) return { status: 304, body: '', contentType, headers }
  const body = encoding === undefined ? undefined : asset.compressed[encoding]
  if (body === undefined || encoding === undefined) return { status: 200, body: asset.plain, contentType, headers }
  return { status: 200, body, contentType, headers: { ...headers, 'Content-Encoding': encoding } }
}

/** Plain, as its policy lets no style stand in it. */
const NOT_BUILT = {
  path: '/index.html',
  bytes: Buffer.from(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sightline</title>
<h1>Sightline</h1>
<p>The service runs, but its dashboard is not built. In the checkout run <code>npm run build:web</code>, then start the service again.</p>
<p>The REST and the stream need no dashboard: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> describes them, and takes a token.</p>
</html>
`),
}
