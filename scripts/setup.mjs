/**
 * Installs what the next command needs: the packages of package-lock.json and, with `--tests`, the system's packages
 * that the tests start. Runs before anything is installed and on the machine's own Node (20 or later), so: plain
 * JavaScript, Node built-ins only. A second run sees the stamp and starts nothing.
 */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { missingTools, packageStampMatches, systemInstallPlan, writePackageStamp } from './setup-checks.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command with its output shown; a failure ends the set-up with the command's name. */
function run(command, args, env = {}) {
  console.log(`[setup] ${command} ${args.join(' ')}`)
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
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
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund'])
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
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...plan.packages], env)
  const still = missingTools(process.env)
  if (still.length > 0) fail(`${still.map((tool) => tool.command).join(', ')} still missing after the installation.`)
}

installPackages()
if (process.argv.includes('--tests')) installTools()
