/**
 * Brings what the next command needs: the packages of package-lock.json, the built dashboard and, with `--tests`, the
 * system's packages that the tests start; with `--dashboard` the dashboard alone. Runs before anything is installed and on
 * the machine's own Node (20 or later), so: plain JavaScript, Node built-ins only. A second run sees the stamps and starts
 * nothing.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  dashboardIsStale,
  hasPackages,
  missingTools,
  packageStampMatches,
  systemInstallPlan,
  UNPACKED,
  writeDashboardStamp,
  writePackageStamp,
} from './setup-checks.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command with its output shown; a failure ends the set-up with the command's name, unless it may fail. */
function run(command, args, { env = {}, cwd = root, mayFail = false } = {}) {
  console.log(`[setup] ${command} ${args.join(' ')}`)
  // npm's compile cache would stay behind in the machine's temporary folder.
  const inherited = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
  const result = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...inherited, ...env } })
  if (result.status === 0) return true
  if (mayFail) return false
  const why = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`
  fail(`\`${command} ${args.join(' ')}\` failed (${why}).`)
}

function fail(sentence) {
  console.error(`[setup] ${sentence}`)
  process.exit(1)
}

function installPackages() {
  if (packageStampMatches(root)) return
  // Warnings are left out: on an older Node they are pages of "unsupported engine", which the pinned Node settles.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  // Into nothing, exactly the lock file. `npm ci` begins by removing what is there: where something is, after a change of
  // the lock file, `npm install` needs a second instead of half a minute, checks the same hashes and changes neither file.
  const isExact = !hasPackages(root) && run('npm', ['ci', ...quiet], { mayFail: true })
  if (!isExact) {
    // A registry mirror that lacks some platform's binaries fails `npm ci`, and is good enough for this machine.
    if (!hasPackages(root))
      console.log('[setup] `npm ci` did not work here; trying `npm install`, which asks for less.')
    run('npm', ['install', '--no-save', ...quiet])
  }
  // tap generates its test class from the plugins that .taprc names; a fresh installation has that of the default ones.
  run('npx', ['--no-install', 'tap', 'build'])
  writePackageStamp(root)
}

function installTools() {
  const missing = missingTools(process.env)
  if (missing.length === 0) return
  const isRoot = process.getuid?.() === 0
  const plan = systemInstallPlan(missing, { isRoot })
  if (!plan.packages) fail(plan.sentence)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  if (isRoot) run('apt-get', ['update', '-qq'], { env })
  const quiet = ['-y', '-qq', '-o=Dpkg::Use-Pty=0', '--no-install-recommends']
  if (plan.packages.length > 0) run('apt-get', ['install', ...quiet, ...plan.packages], { env })
  if (plan.unpacked.length > 0) unpackTools(plan.unpacked, isRoot)
  const still = missingTools(process.env)
  if (still.length > 0) fail(`${still.map((tool) => tool.command).join(', ')} still missing after the installation.`)
}

/** Into dist/web, which the OMA serves. */
function buildDashboard() {
  if (!dashboardIsStale(root)) return
  // npm puts node_modules/.bin first in PATH, and with it the pinned Node.
  run('npm', ['run', '--silent', 'build:web'])
  writeDashboardStamp(root)
}

/**
 * Debian's Alertmanager does not start without the two templates of its package, at one fixed place of the machine. This copy
 * looks for them in its working folder: a path of the same length, which says "here".
 */
function readTemplatesHere(folder) {
  const place = '/usr/share/prometheus/alertmanager'
  const [program, templates] = [join(folder, 'usr', 'bin', 'prometheus-alertmanager'), join(folder, place)]
  if (!existsSync(program)) return
  const bytes = readFileSync(program)
  const slash = '/'.charCodeAt(0)
  for (let at = bytes.indexOf(place); at >= 0; at = bytes.indexOf(place, at + 1)) {
    // With something behind it, it is the place of the pages for browsers, which nobody asks for.
    if (bytes[at + place.length] !== slash) bytes.write('./'.repeat(place.length / 2), at, 'latin1')
  }
  writeFileSync(program, bytes)
  for (const name of readdirSync(templates).filter((name) => name.endsWith('.tmpl')))
    renameSync(join(templates, name), join(UNPACKED, name))
}

/** The programs alone: these packages would start services, and bring no other without. They link to nothing but libc. */
function unpackTools(packages, isRoot) {
  mkdirSync(UNPACKED, { recursive: true })
  const folder = mkdtempSync(`${UNPACKED}-`)
  try {
    // Downloads are root's own here: the user that apt takes for them can't write into a checkout.
    run('apt-get', ['download', '-qq', ...(isRoot ? ['-o=APT::Sandbox::User=root'] : []), ...packages], { cwd: folder })
    for (const file of readdirSync(folder)) run('dpkg-deb', ['-x', file, '.'], { cwd: folder })
    readTemplatesHere(folder)
    const programs = join(folder, 'usr', 'bin')
    // Moved when they are whole: what was interrupted is done again.
    for (const name of readdirSync(programs)) renameSync(join(programs, name), join(UNPACKED, name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// First what may need a person: the sentence comes at once, not after a minute of installing packages.
if (process.argv.includes('--tests')) installTools()
if (!process.argv.includes('--dashboard')) installPackages()
buildDashboard()
