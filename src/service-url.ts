/** Where a service of ours is reached, and its TLS files as the server takes them. */

import type { PemFile } from '../config/pem.ts'
import type { TlsFiles } from './http/server.ts'

export function serviceUrl(host: string, port: number, tls: boolean): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The server reads the files itself. The settings know no certificate without its key. */
export function serverTls(cert: PemFile | undefined, key: PemFile | undefined): { readonly tls?: TlsFiles } {
  return cert === undefined || key === undefined ? {} : { tls: { certFile: cert.path, keyFile: key.path } }
}
