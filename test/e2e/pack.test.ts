import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ROOT } from '../arch/source-files.ts'

const OLD_NODE = join(ROOT, 'test', 'support', 'old-node.mjs')

/** Without the settings of this machine. npm's compile cache would stay behind in the temporary folder. */
function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { PATH, HOME } = process.env
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH, HOME, TMPDIR: tmpdir(), NODE_DISABLE_COMPILE_CACHE: '1', ...env },
  })
  if (error !== undefined) throw new Error(`${command} ${args.join(' ')} did not run`, { cause: error })
  return { status, stdout, stderr }
}

function productionDependencies(): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  if (typeof manifest !== 'object' || manifest === null || !('dependencies' in manifest)) return []
  return Object.keys(manifest.dependencies ?? {})
}

/** The package as npm would lay it: unpacked, its command linked, its `dependencies` beside it and nothing else. */
function install(folder: string): string {
  const packed = run('npm', ['pack', '--pack-destination', folder], ROOT)
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stdout}${packed.stderr}`)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack left no tarball')
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  mkdirSync(join(modules, 'sightline'))
  run('tar', ['-xzf', tarball, '-C', 'node_modules/sightline', '--strip-components=1'], folder)
  for (const name of productionDependencies()) {
    const link = join(modules, name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link)
  }
  chmodSync(join(modules, 'sightline', 'bin', 'sightline'), 0o755)
  symlinkSync('../sightline/bin/sightline', join(modules, '.bin', 'sightline'))
  return join(modules, '.bin', 'sightline')
}

t.test('[CLI-1] the packed package runs its command where nothing else is', async (t) => {
  // Not below the checkout, whose node_modules has the pinned Node and everything else.
  const folder = mkdtempSync(join(tmpdir(), 'sightline-pack-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const sightline = install(folder)

  await t.test('check reads the shipped settings file', async (t) => {
    const { status, stdout, stderr } = run(sightline, ['check'], folder)
    t.equal(status, 0, stderr)
    t.match(stdout, /^VMA_PROGRESS_POLL_INTERVAL +2s +default$/m)
    t.match(stdout, /All \d+ settings are good\./)
  })

  await t.test('check runs on an older Node too, and says that services do not', async (t) => {
    const { status, stdout, stderr } = run(process.execPath, ['--import', OLD_NODE, sightline, 'check'], folder)
    t.equal(status, 0, stderr)
    t.match(stdout, /settings are good/)
    t.match(stderr, /this is Node 20\.20\.2; the services need Node 22\.18 or later/)
  })

  await t.test('a service on an older Node ends with one clear sentence', async (t) => {
    const { status, stderr } = run(process.execPath, ['--import', OLD_NODE, sightline, 'oma'], folder)
    t.equal(status, 1)
    t.match(stderr, /^sightline: Node 22\.18 or later is needed, this is 20\.20\.2\. Install a newer Node[^\n]*\n$/)
  })

  await t.test('[CLIENT-1] the client is imported by its name, with its types beside it', async (t) => {
    const code =
      "import { SightlineClient } from 'sightline/client'; console.log(new SightlineClient({ url: 'http://x' }).connection.name)"
    const { status, stdout, stderr } = run(process.execPath, ['--input-type=module', '-e', code], folder)
    t.equal(status, 0, stderr)
    t.equal(stdout, 'idle\n')
    t.ok(readdirSync(join(folder, 'node_modules/sightline/dist/src/client')).includes('index.d.ts'))
  })

  await t.test('neither sources nor tests are shipped', async (t) => {
    const shipped = readdirSync(join(folder, 'node_modules', 'sightline'))
    t.same(
      shipped.filter((name) => ['src', 'test', 'scripts', 'bench', 'node_modules', 'data'].includes(name)),
      [],
    )
  })
})

t.test('[CLI-1] from a checkout an older Node hands over to the pinned one', async (t) => {
  const { status, stdout, stderr } = run(process.execPath, ['--import', OLD_NODE, 'bin/sightline', '--version'], ROOT)
  t.equal(status, 0, stderr)
  t.match(stdout, /^\d+\.\d+\.\d+\n$/)
})
