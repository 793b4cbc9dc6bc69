/** What is installed and what is not. Node built-ins only: it runs before the packages exist. */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Programs that the tests start, and the Debian package, or packages, that bring each. Packages without a system service:
 * `mariadb-server` would leave a server running on the machine for good. Where there is none without, the programs alone are
 * taken out of it (`unpacked`), into UNPACKED. `also`: what the program is called elsewhere.
 * @type {readonly { command: string, package: string, why: string, unpacked?: boolean, also?: string }[]}
 */
const TEST_TOOLS = [
  {
    command: 'mariadbd',
    package: 'mariadb-server-core mariadb-client-core',
    why: 'the database tests run on a real MariaDB server',
  },
  { command: 'curl', package: 'curl', why: 'a test runs the examples of docs/api.md' },
  { command: 'script', package: 'bsdutils', why: 'the terminal is tested on a real one' },
  { command: 'chromium', package: 'chromium', why: 'the dashboard is tested in a browser' },
  { command: 'perl', package: 'perl-base', why: 'a test hears what the services tell systemd' },
  {
    command: 'prometheus',
    package: 'prometheus',
    unpacked: true,
    why: 'rules, alerts and dashboards are tested in a real Prometheus',
  },
  { command: 'promtool', package: 'prometheus', unpacked: true, why: 'it checks those rules' },
  {
    command: 'prometheus-alertmanager',
    also: 'alertmanager',
    package: 'prometheus-alertmanager',
    unpacked: true,
    why: 'a test lets it deliver an alert',
  },
]

/** Programs that were taken out of packages. Only the checkout knows them; `npm ci` would empty node_modules of them. */
export const UNPACKED = join(dirname(dirname(fileURLToPath(import.meta.url))), '.tools')

const STAMP = join('node_modules', '.sightline-stamp')
const WEB_STAMP = join('node_modules', '.sightline-web-stamp')
/** What the built dashboard is made of. */
const WEB_SOURCES = ['web', join('src', 'client'), join('src', 'model'), 'package-lock.json']

/** Hash of the files that decide what stands in node_modules. */
function packageHash(root) {
  const hash = createHash('sha256')
  for (const file of ['package-lock.json', '.taprc']) hash.update(readFileSync(join(root, file))).update('\0')
  return hash.digest('hex')
}

/** npm has installed something here before. */
export function hasPackages(root) {
  return existsSync(join(root, 'node_modules', '.package-lock.json'))
}

export function packageStampMatches(root) {
  const stamp = join(root, STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === packageHash(root)
}

export function writePackageStamp(root) {
  writeFileSync(join(root, STAMP), `${packageHash(root)}\n`)
}

/** True when there is a dashboard to build, and what is built is not made of these sources. */
export function dashboardIsStale(root) {
  if (!existsSync(join(root, 'web'))) return false
  const stamp = join(root, WEB_STAMP)
  const isBuilt = existsSync(join(root, 'dist', 'web', 'index.html')) && existsSync(stamp)
  return !isBuilt || readFileSync(stamp, 'utf8').trim() !== dashboardHash(root)
}

export function writeDashboardStamp(root) {
  writeFileSync(join(root, WEB_STAMP), `${dashboardHash(root)}\n`)
}

function dashboardHash(root) {
  const hash = createHash('sha256')
  for (const source of WEB_SOURCES.filter((path) => existsSync(join(root, path)))) {
    const isFile = source === 'package-lock.json'
    const files = isFile ? [source] : filesBelow(root, source)
    for (const file of files)
      hash
        .update(file)
        .update('\0')
        .update(readFileSync(join(root, file)))
        .update('\0')
  }
  return hash.digest('hex')
}

function filesBelow(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
}

/** The tools of TEST_TOOLS that are neither on PATH nor in the folders where Debian puts servers. */
export function missingTools(env, tools = TEST_TOOLS) {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', UNPACKED].filter(
    (folder) => folder !== '',
  )
  const isThere = (command) => folders.some((folder) => isExecutable(join(folder, command)))
  return tools.filter(({ command, also }) => !isThere(command) && !(also !== undefined && isThere(also)))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Packages to install and packages to take programs out of, or the sentence for the person who has to: only on a Debian-like
 * system is it known how, and only root can install there.
 */
export function systemInstallPlan(missing, { isRoot, hasApt = existsSync('/usr/bin/apt-get') }) {
  const packagesOf = (tools) => [...new Set(tools.flatMap((tool) => tool.package.split(' ')))]
  const packages = packagesOf(missing.filter((tool) => !tool.unpacked))
  const unpacked = packagesOf(missing.filter((tool) => tool.unpacked))
  if (hasApt && (isRoot || packages.length === 0)) return { packages, unpacked }
  return { sentence: missingSentence(isRoot || !hasApt ? missing : missing.filter((tool) => !tool.unpacked), hasApt) }
}

function missingSentence(missing, hasApt) {
  const packages = [...new Set(missing.flatMap((tool) => tool.package.split(' ')))]
  const reasons = missing.map((tool) => `${tool.command} (${tool.why})`).join(' and ')
  const how = hasApt
    ? `run \`sudo apt-get install ${packages.join(' ')}\``
    : `install it with this system's package manager (Debian calls it ${packages.join(' ')})`
  return `Missing: ${reasons}; ${how}, then start again.`
}
