/**
 * Writes dist/sbom.cdx.json, or the file that is named: what a production installation holds, in CycloneDX's form, as npm reads it from
 * the lock file. Times and serial numbers differ from run to run; components and hashes do not.
 *
 * What is for development is left out here: `npm sbom --omit=dev` also leaves out what production and development share, as
 * pino and all that it needs.
 */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Sbom {
  readonly metadata: { readonly component: { readonly 'bom-ref': string } }
  readonly components: readonly { readonly 'bom-ref': string }[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly name?: string; readonly version: string; readonly dev?: boolean }>
  >
}

const root = fileURLToPath(new URL('../', import.meta.url))
const file = process.argv[2] ?? join(root, 'dist', 'sbom.cdx.json')

/** `name@version`, as npm refers to a component. */
function productionRefs(): ReadonlySet<string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  const own = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  return new Set(own.map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`))
}

function allOfIt(): Sbom {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
  const { status, stdout, stderr, error } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
    env,
  })
  if (status !== 0) throw new Error(`npm sbom failed: ${error?.message ?? stderr}`)
  return JSON.parse(stdout) as Sbom
}

const { metadata, components, dependencies, ...rest } = allOfIt()
const refs = productionRefs()
const own = metadata.component['bom-ref']
const kept = {
  ...rest,
  // npm calls it after the folder that it stands in.
  metadata: { ...metadata, component: { ...metadata.component, name: 'sightline' } },
  components: components.filter((component) => refs.has(component['bom-ref'])),
  dependencies: dependencies
    .filter(({ ref }) => ref === own || refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) })),
}
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`)
console.log(`${file}: ${kept.components.length} components`)
