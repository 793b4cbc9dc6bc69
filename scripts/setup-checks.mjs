/** What is installed and what is not. Node built-ins only: it runs before the packages exist. */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'

/**
 * Programs that the tests start, and the Debian package, or packages, that bring each. Packages without a system service:
 * `mariadb-server` would leave a server running on the machine for good.
 * @type {readonly { command: string, package: string, why: string }[]}
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
]

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
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter(
    (folder) => folder !== '',
  )
  return tools.filter((tool) => !folders.some((folder) => isExecutable(join(folder, tool.command))))
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Packages to install, or the sentence for the person who has to: only root on a Debian-like system can. */
export function systemInstallPlan(missing, { isRoot, hasApt = existsSync('/usr/bin/apt-get') }) {
  const packages = missing.flatMap((tool) => tool.package.split(' '))
  if (isRoot && hasApt) return { packages }
  const reasons = missing.map((tool) => `${tool.command} (${tool.why})`).join(' and ')
  const how = hasApt
    ? `run \`sudo apt-get install ${packages.join(' ')}\``
    : `install it with this system's package manager (Debian calls it ${packages.join(' ')})`
  return { sentence: `Missing: ${reasons}; ${how}, then start again.` }
}
