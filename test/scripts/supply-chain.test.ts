/** What is installed is what was chosen (docs/supply-chain.md). */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../arch/source-files.ts'

interface Locked {
  readonly name?: string
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

const parsed = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
const lock = parsed('package-lock.json') as {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, Locked>>
}
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
const document = readFileSync(join(ROOT, 'docs', 'supply-chain.md'), 'utf8')

t.test('[OPS-3] every package of the lock file is held by its SHA-512 and comes from the registry', async (t) => {
  t.equal(lock.lockfileVersion, 3)
  t.ok(packages.length > 100)
  const faults = packages.flatMap(([path, { integrity = '', resolved, link, version }]) => [
    ...(/^sha512-[\w+/]{86}==$/.test(integrity) ? [] : [`${path} has no SHA-512`]),
    ...(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')
      ? []
      : [`${path} from ${resolved}`]),
    ...(link === true || version === undefined ? [`${path} is no package of the registry`] : []),
  ])
  t.same(faults, [])
})

t.test('[OPS-3] dependencies are pinned exactly, and those with scripts of their own are known', async (t) => {
  const manifest = parsed('package.json') as Record<
    'dependencies' | 'devDependencies',
    Readonly<Record<string, string>>
  >
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    t.match(version, /^(npm:[\w-]+@)?\d+\.\d+\.\d+$/, name)
    const locked = lock.packages[`node_modules/${name}`]
    t.equal(locked?.version, version.replace(/^npm:[\w-]+@/, ''), name)
  }
  const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)
  t.same(scripted.toSorted(), ['node_modules/msgpackr-extract', 'node_modules/node'])
  for (const path of scripted) t.ok(document.includes(`\`${path.replace('node_modules/', '')}\``), path)
})

t.test('[OPS-3] the web server that is loaded is the one that is written down', async (t) => {
  const folder = join(ROOT, 'node_modules', 'uWebSockets.js')
  const table = new Map(
    [...document.matchAll(/^\| (dist\/\S+) \| ([\da-f]{64}) \|$/gm)].map(([, file = '', hash = '']) => [file, hash]),
  )
  t.equal(table.size, 8)
  const binary = `dist/bin/uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
  for (const file of [binary, 'dist/index.mjs', 'dist/uws.mjs']) {
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
    t.equal(table.get(file), hash, file)
  }
  const { name, version, integrity = '' } = lock.packages['node_modules/uWebSockets.js'] ?? {}
  t.ok(document.includes(`npm:${name}@${version}`))
  t.ok(document.includes(integrity), 'and its tarball')
})

t.test('[OPS-3] the bill of materials lists every production dependency with its hash', async (t) => {
  const folder = t.testdir({})
  const file = join(folder, 'sbom.json')
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'sbom.ts'), file], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  interface Component {
    readonly name: string
    readonly version: string
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  }
  const sbom = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly bomFormat: string
    readonly metadata: { readonly component: { readonly name: string } }
    readonly components: readonly Component[]
  }
  t.equal(sbom.bomFormat, 'CycloneDX')
  t.equal(sbom.metadata.component.name, 'sightline')
  const hashes = new Set(
    sbom.components.flatMap(({ hashes }) => hashes?.filter(({ alg }) => alg === 'SHA-512').map((h) => h.content) ?? []),
  )
  const production = packages.filter(([, { dev }]) => dev !== true)
  t.ok(production.length > 20)
  for (const [path, { integrity = '' }] of production) {
    const hex = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')
    t.ok(hashes.has(hex), path)
  }
  t.notOk(
    sbom.components.some(({ name }) => name === 'tap' || name === 'typescript'),
    'none of development alone',
  )
})
