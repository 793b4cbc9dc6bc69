/**
 * Brings what the next command needs: the packages of package-lock.json, the built dashboard and, with `--tests`, the
 * system's packages that the tests start; with `--dashboard` the dashboard alone. Runs before anything is installed and on
 * the machine's own Node (20 or later), so: plain JavaScript, Node built-ins only. A second run sees the stamps and starts
 * nothing.
 */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  dashboardIsStale,
  missingTools,
  packageStampMatches,
  systemInstallPlan,
  writeDashboardStamp,
  writePackageStamp,
} from './setup-checks.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command with its output shown; a failure ends the set-up with the command's name. */
function run(command, args, env = {}) {
  console.log(`[setup] ${command} ${args.join(' ')}`)
  // npm's compile cache would stay behind in the machine's temporary folder.
  const inherited = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...inherited, ...env } })
  if (result.status === 0) return
  const why = result.error ? result.error.message : `exit code ${result.status ?? result.signal}`
  fail(`\`${command} ${args.join(' ')}\` failed (${why}).`)
}

function fail(sentence) {
  console.error(`[setup] ${sentence}`)
  process.exit(1)
}

function installPackages() {
  if (packageStampMatches(root)) return
  // Not `npm ci`: it refuses a lock file that does not list every platform's binaries, and a registry mirror may carry
  // those of a few platforms only. This too installs what the lock file says, and changes neither file.
  // Warnings are left out: on an older Node they are pages of "unsupported engine", which the pinned Node settles.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
  // tap generates its test class from the plugins that .taprc names; a fresh installation has that of the default ones.
  run('npx', ['--no-install', 'tap', 'build'])
  writePackageStamp(root)
}

function installTools() {
  const missing = missingTools(process.env)
  if (missing.length === 0) return
  const plan = systemInstallPlan(missing, { isRoot: process.getuid?.() === 0 })
  if (!plan.packages) fail(plan.sentence)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], env)
  const quiet = ['-y', '-qq', '-o=Dpkg::Use-Pty=0', '--no-install-recommends']
  run('apt-get', ['install', ...quiet, ...plan.packages], env)
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

// First what may need a person: the sentence comes at once, not after a minute of installing packages.
if (process.argv.includes('--tests')) installTools()
if (!process.argv.includes('--dashboard')) installPackages()
buildDashboard()
