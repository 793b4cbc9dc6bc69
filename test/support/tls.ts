/** The certificates of test/fixtures/tls (made by make.sh there), as files and as texts. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type TlsFixture =
  | 'authority.pem'
  | 'server.pem'
  | 'server.key'
  | 'expired.pem'
  | 'elsewhere.pem'
  | 'client.pem'
  | 'client.key'
  | 'cert.pem'
  | 'key.pem'

export function tlsFile(name: TlsFixture): string {
  return fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url))
}

export function tlsText(name: TlsFixture): string {
  return readFileSync(tlsFile(name), 'utf8')
}
