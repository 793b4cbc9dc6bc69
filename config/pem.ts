/** Certificates and keys: settings name a PEM file, which is read and checked while the settings are loaded (CFG-2). */

import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { Kind, Parsed } from './kinds.ts'

export interface PemFile {
  readonly path: string
  /** The file's text. Of a key it is a secret: never shown (SEC-2). */
  readonly pem: string
}

/** A file of one or more certificates, or of one private key without a passphrase. Faults never repeat its text. */
export function pemFile(holds: 'certificate' | 'key'): Kind<PemFile | undefined> {
  return {
    label: 'PEM file',
    argument: 'file',
    show: (value) => value?.path ?? '',
    parse(path, read) {
      if (path === '') return { value: undefined }
      if (path.includes('-----')) return { problem: 'holds PEM text: name a file that holds it' }
      const file = read?.(path) ?? { problem: 'is not read here' }
      if ('problem' in file) return { problem: `names ${path}, which ${file.problem}` }
      return holds === 'certificate' ? certificates(path, file.text) : privateKey(path, file.text)
    },
  }
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^]*?-----END (?:TRUSTED )?CERTIFICATE-----/g

function certificates(path: string, pem: string): Parsed<PemFile> {
  const blocks = pem.match(CERTIFICATE) ?? []
  if (blocks.length === 0) return { problem: `names ${path}, which holds no PEM certificate` }
  try {
    for (const block of blocks) void new X509Certificate(block)
    return { value: { path, pem } }
  } catch {
    return { problem: `names ${path}, which holds a damaged certificate` }
  }
}

function privateKey(path: string, pem: string): Parsed<PemFile> {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return { problem: `names ${path}, which holds no PEM key` }
  try {
    createPrivateKey(pem)
    return { value: { path, pem } }
  } catch {
    return { problem: `names ${path}, whose key is damaged or needs a passphrase: give one without` }
  }
}

/** Whether the key is the one of the file's first certificate. */
export function isPair(cert: PemFile, key: PemFile): boolean {
  return new X509Certificate(cert.pem).checkPrivateKey(createPrivateKey(key.pem))
}
