/**
 * Writes dist/sbom.cdx.json: what a production installation holds, in CycloneDX's form, as npm reads it from the lock file.
 * Times and serial numbers differ from run to run; components and hashes do not.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Sbom {
  readonly metadata: { readonly component: object }
  readonly components: readonly unknown[]
}

const root = fileURLToPath(new URL('../', import.meta.url))
const file = process.argv[2] ?? fileURLToPath(new URL('../dist/sbom.cdx.json', import.meta.url))

const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev', '--package-lock-only']
const { status, stdout, stderr, error } = spawnSync('npm', args, {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1_048_576,
  env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
})
if (status !== 0) {
  console.error(`npm sbom failed: ${error?.message ?? stderr}`)
  process.exit(1)
}
const { metadata, components, ...rest } = JSON.parse(stdout) as Sbom
// npm calls it after the folder that it stands in.
const named = { ...metadata, component: { ...metadata.component, name: 'sightline' } }
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify({ ...rest, metadata: named, components }, null, 2)}\n`)
console.log(`${file}: ${components.length} components`)
