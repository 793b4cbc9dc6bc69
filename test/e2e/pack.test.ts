import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../arch/source-files.ts'
import { EXPORT } from '../support/documents.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from '../support/inventory.ts'
import { Service, until } from '../support/service.ts'

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

/** Folders below node_modules that a production installation has by the lock file, `dependencies` of dependencies included. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>
  }
  const paths = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)
  return paths.map(([path]) => path).filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path))
}

/**
 * The package as npm would lay it without asking a registry: unpacked, its command linked, copies of what the lock file says
 * it needs beside it and nothing else.
 */
function install(folder: string): string {
  const packed = run('npm', ['pack', '--pack-destination', folder], ROOT)
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stdout}${packed.stderr}`)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack left no tarball')
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  mkdirSync(join(modules, 'sightline'))
  run('tar', ['-xzf', tarball, '-C', 'node_modules/sightline', '--strip-components=1'], folder)
  // What is for other platforms alone is in the lock file and not here.
  const needed = productionPackages().filter((path) => existsSync(join(ROOT, path)))
  // Hard links where the temporary folder is on the same disk.
  const copy = (how: string) => run('cp', [how, '--parents', '-t', folder, ...needed], ROOT)
  if (copy('-al').status !== 0 && copy('-a').status !== 0) throw new Error('the packages could not be copied')
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

  await t.test('both services run from it, threads, database and web server included', async (t) => {
    const command = [sightline]
    const url = `sqlite:${join(folder, 'oma.db')}`
    t.equal(run(sightline, ['migrate', '--database-url', url], folder).status, 0)
    const on = connect(url)
    await addDocumentedJob(on)
    await on.close()
    const vma = await Service.start('vma', {}, folder, command)
    t.teardown(() => vma.stop())
    const posted = await fetch(`${vma.url}/api/v1/progress/${EXPORT}/update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stage: 'Transfer', status: 'in_progress', bytes_transferred: 10, total_bytes: 100 }),
    })
    t.equal(posted.status, 200)
    const env = {
      OMA_API_TOKENS: 'one',
      DATABASE_URL: url,
      VMA_PROGRESS_CLIENT_URL: vma.url,
      DATABASE_TIME_ZONE: 'UTC',
    }
    const oma = await Service.start('oma', env, folder, command)
    t.teardown(() => oma.stop())
    await until('the OMA tells what the VMA was told', async () => {
      const headers = { authorization: 'Bearer one' }
      const answer = await fetch(`${oma.url}/api/v1/progress/${DOCUMENTED_JOB}`, { headers })
      return (await answer.text()).includes('"bytes_transferred":10,') ? true : undefined
    })
    t.equal((await fetch(`${oma.url}/readyz`)).status, 200)
    const hasDashboard = existsSync(join(folder, 'node_modules/sightline/dist/web/index.html'))
    t.equal(hasDashboard, existsSync(join(ROOT, 'web')), 'the dashboard is in the package where there is one')
    const page = await fetch(`${oma.url}/`)
    t.comment(hasDashboard ? 'the dashboard is served' : 'this checkout has no dashboard')
    t.equal(page.status, 200)
    t.match(page.headers.get('content-type'), /^text\/html/)
    t.equal((await page.text()).includes('its dashboard is not built'), !hasDashboard)
    t.equal(await oma.stop(), 0, oma.log)
    t.equal(await vma.stop(), 0, vma.log)
  })

  await t.test('a health check for containers tells a service that runs from none', async (t) => {
    const probe = join(folder, 'node_modules/sightline/bin/healthcheck.mjs')
    const ports = { OMA_HTTP_PORT: '1', VMA_HTTP_PORT: '1' }
    t.equal(run(process.execPath, [probe], folder, ports).status, 1)
    const vma = await Service.start('vma', {}, folder, [sightline])
    t.teardown(() => vma.stop())
    t.equal(run(process.execPath, [probe], folder, { ...ports, VMA_HTTP_PORT: new URL(vma.url).port }).status, 0)
  })

  await t.test('units, rights and settings to start from are shipped, neither sources nor tests', async (t) => {
    for (const file of [
      '.env.example',
      'docs/operations.md',
      'docs/SPEC.md',
      'config/deploy/systemd/sightline-oma.service',
    ])
      t.ok(existsSync(join(folder, 'node_modules/sightline', file)), file)
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
