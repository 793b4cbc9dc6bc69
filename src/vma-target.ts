/** A VMA of the settings as the fetch threads take it: files as their text, the proxy's user as its header (CFG-2). */

import type { ProxyTarget, VmaEndpoint } from '../config/endpoints.ts'
import type { VmaTarget } from './workers/protocol.ts'

export function vmaTarget({ name, url, token, ca, cert, key, proxy }: VmaEndpoint): VmaTarget {
  return {
    name,
    url,
    ...(token && { token }),
    ...(ca && { ca: ca.pem }),
    ...(cert && { cert: cert.pem }),
    ...(key && { key: key.pem }),
    ...(proxy && { proxy: proxyOf(proxy) }),
  }
}

/** RFC 7617; without a user the proxy is asked without one. */
function proxyOf({ origin, user, password }: ProxyTarget): NonNullable<VmaTarget['proxy']> {
  if (user === '' && password === '') return { origin }
  return { origin, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}
