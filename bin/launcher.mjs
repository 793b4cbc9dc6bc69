/**
 * Starts the command line with a Node that can run the services (22.18 or later): the current one, else the one that
 * the npm package `node` put beside this package. Plain JavaScript for any Node from 20.
 * From a checkout it runs src/, installed it runs dist/.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = [22, 18]
/** What does not start a service works on an older Node too, once compiled. */
const WORKS_ANYWHERE = new Set(['check', 'help', '--help', '-h', '--version', '-V'])

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

/** node_modules/node/bin/node of this package or of a folder above it. */
function pinnedNode() {
  for (let folder = root; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', 'node')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

function stop(sentence) {
  console.error(`sightline: ${sentence}`)
  process.exit(1)
}

function choose() {
  const source = join(root, 'src', 'cli', 'main.ts')
  const compiled = join(root, 'dist', 'src', 'cli', 'main.js')
  const node = isNewEnough(process.versions.node) ? process.execPath : pinnedNode()
  if (node !== undefined) return { node, main: existsSync(source) ? source : compiled }
  const need = `Node ${NEEDED.join('.')} or later is needed, this is ${process.versions.node}`
  if (args.length > 0 && !WORKS_ANYWHERE.has(args[0])) {
    stop(`${need}. Install a newer Node, or put one beside this package: npm install node@22`)
  }
  if (!existsSync(compiled)) stop(`${need}. In a checkout run \`npm start\` first: it brings one.`)
  return { node: process.execPath, main: compiled }
}

function launch({ node, main }) {
  // SQLite in Node is marked experimental; a flag is the only way to silence that in worker threads as well.
  const line = [...process.execArgv, '--disable-warning=ExperimentalWarning', main, ...args]
  // The same process goes on as the chosen Node: one pid, signals and exit code need no forwarding.
  if (process.execve) process.execve(node, [node, ...line], process.env)

  const child = spawn(node, line, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => stop(`cannot start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) return process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

launch(choose())
