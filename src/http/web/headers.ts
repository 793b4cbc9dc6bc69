/** What a browser is told beside each file of the dashboard (API-7): it loads nothing from elsewhere and is framed by nobody. */

/** The characters of a host with its port; anything else would end the header, or the policy. */
const HOST = /^[\w.:[\]-]{1,255}$/

/**
 * `host`: of the request. Safari before 15.4 takes `'self'` for http alone, so the stream's address is named in full; an odd
 * host is left out, as nothing but such a browser needs it.
 */
export function contentSecurityPolicy(host: string): string {
  const sockets = HOST.test(host) ? ` ws://${host} wss://${host}` : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export function safetyHeaders(host: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(host),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  }
}
