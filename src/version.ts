/** The version of this package, as its manifest tells it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../config/files.ts'

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}
