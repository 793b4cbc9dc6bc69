import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ROOT } from '../arch/source-files.ts'

/** A small project with the real set-up scripts and stand-ins for npm, npx and apt-get that log their calls. */
function project(t: Test, tools: readonly string[], { hasPackages = true } = {}) {
  const root = t.testdir({ 'package-lock.json': '{}', '.taprc': 'plugin: []', bin: {}, node_modules: {} })
  if (hasPackages) writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{}')
  cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true })
  for (const name of ['npm', 'npx', ...tools]) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\necho "$(basename $0) $*" >> "${root}/calls"\n`)
    chmodSync(join(root, 'bin', name), 0o755)
  }
  const calls = (): string[] => {
    const log = join(root, 'calls')
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []
  }
  const setup = (...args: string[]) => {
    const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` }
    return spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), ...args], { encoding: 'utf8', env })
  }
  return { root, calls, setup }
}

/** What the set-up would do about a program that is missing here, without doing it. */
function planFor(rights: { readonly isRoot: boolean; readonly hasApt: boolean }, unpacked = false): unknown {
  const script = `
    const { missingTools, systemInstallPlan } = await import(${JSON.stringify(join(ROOT, 'scripts', 'setup-checks.mjs'))})
    const tools = [{ command: 'no-such-server', package: 'no-such-package its-tools', why: 'a test wants it', unpacked: ${unpacked} }]
    console.log(JSON.stringify(systemInstallPlan(missingTools(process.env, tools), ${JSON.stringify(rights)})))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  return JSON.parse(stdout)
}

t.test('[CLI-2] the first run installs packages, the second starts nothing', async (t) => {
  const { setup, calls } = project(t, [])
  t.equal(setup().status, 0)
  t.same(calls(), ['npm install --no-save --no-audit --no-fund --loglevel=error', 'npx --no-install tap build'])
  t.equal(setup().status, 0)
  t.equal(calls().length, 2)
})

t.test(
  '[CLI-2] where nothing is installed the lock file is taken to the letter; a mirror that lacks some of it will do',
  async (t) => {
    const { root, setup, calls } = project(t, [], { hasPackages: false })
    const [ci = '', install = ''] = ['ci', 'install --no-save'].map(
      (what) => `npm ${what} --no-audit --no-fund --loglevel=error`,
    )
    const built = 'npx --no-install tap build'
    t.equal(setup().status, 0)
    t.same(calls(), [ci, built])
    const lacking = '#!/bin/sh\necho "npm $*" >> "$(dirname $0)/../calls"\n[ "$1" != ci ]\n'
    writeFileSync(join(root, 'bin', 'npm'), lacking)
    writeFileSync(join(root, 'package-lock.json'), '{"changed":true}')
    const { status, stdout } = setup()
    t.equal(status, 0)
    t.match(stdout, /`npm ci` did not work here/)
    t.same(calls().slice(2), [ci, install, built])
  },
)

t.test('[CLI-2] a changed lock file is installed again', async (t) => {
  const { root, setup, calls } = project(t, [])
  setup()
  writeFileSync(join(root, 'package-lock.json'), '{"changed":true}')
  setup()
  t.equal(calls().length, 4)
})

t.test('[CLI-2] a failed installation leaves no stamp and says what failed', async (t) => {
  const { root, setup } = project(t, [])
  writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\nexit 3\n')
  const { status, stderr } = setup()
  t.equal(status, 1)
  t.match(stderr, /`npm install[^`]*` failed \(exit code 3\)/)
  t.notOk(existsSync(join(root, 'node_modules', '.sightline-stamp')))
})

t.test('[CLI-2] the dashboard is built when there is one and its sources changed', async (t) => {
  const { root, setup, calls } = project(t, [])
  const built = join(root, 'dist', 'web')
  const npm = `#!/bin/sh\necho "npm $*" >> "${root}/calls"\n[ "$1" != run ] || { mkdir -p "${built}" && echo hi > "${built}/index.html"; }\n`
  writeFileSync(join(root, 'bin', 'npm'), npm)
  const builds = (): number => calls().filter((call) => call === 'npm run --silent build:web').length
  setup()
  t.equal(builds(), 0, 'there is none')
  mkdirSync(join(root, 'web', 'src'), { recursive: true })
  writeFileSync(join(root, 'web', 'src', 'main.tsx'), '1')
  setup()
  setup()
  t.equal(builds(), 1)
  writeFileSync(join(root, 'web', 'src', 'main.tsx'), '2')
  setup()
  setup('--dashboard')
  t.equal(builds(), 2)
  rmSync(built, { recursive: true })
  setup('--dashboard')
  t.equal(builds(), 3)
  t.equal(calls().filter((call) => call.startsWith('npm install')).length, 1)
})

t.test('[CLI-2] a dashboard that can not be built is told, and tried again', async (t) => {
  const { root, setup } = project(t, [])
  setup()
  mkdirSync(join(root, 'web'))
  writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\nexit 3\n')
  t.match(setup(), { status: 1, stderr: /`npm run --silent build:web` failed \(exit code 3\)/ })
  t.equal(setup().status, 1)
})

t.test('[CLI-2] what the tests start is looked for, and nothing is done when it is there', async (t) => {
  const { setup, calls } = project(t, [
    'mariadbd',
    'curl',
    'chromium',
    'perl',
    'prometheus',
    'promtool',
    'alertmanager',
  ])
  t.equal(setup('--tests').status, 0)
  t.equal(calls().length, 2)
})

t.test('[CLI-2] what is missing is installed where that is allowed, else named in one sentence', async (t) => {
  t.same(planFor({ isRoot: true, hasApt: true }), { packages: ['no-such-package', 'its-tools'], unpacked: [] })
  const user =
    'Missing: no-such-server (a test wants it); run `sudo apt-get install no-such-package its-tools`, then start again.'
  t.same(planFor({ isRoot: false, hasApt: true }), { sentence: user })
  t.match(planFor({ isRoot: true, hasApt: false }), { sentence: /Debian calls it no-such-package its-tools/ })
})

t.test('[CLI-2] a program whose package would start a service is taken out of it, which needs no root', async (t) => {
  const plan = { packages: [], unpacked: ['no-such-package', 'its-tools'] }
  for (const isRoot of [true, false]) t.same(planFor({ isRoot, hasApt: true }, true), plan)
  t.match(planFor({ isRoot: true, hasApt: false }, true), { sentence: /Debian calls it no-such-package its-tools/ })
})
