/** A private, real MariaDB for one test process: own data folder, free port, loopback only; stopped by its own handle. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'

const START_MS = 30_000

export class MariaDb {
  readonly port: number
  readonly #folder: string
  #process: ChildProcess

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
    this.#process = this.#spawn()
  }

  /** Installs and starts a server; ready when it answers. */
  static async start(): Promise<MariaDb> {
    const folder = mkdtempSync(join(tmpdir(), 'sightline-mariadb-'))
    const user = ownUser()
    if (user !== undefined) chownSync(folder, user.uid, user.gid)
    const args = [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]
    const install = spawnSync('mariadb-install-db', user === undefined ? args : [...args, '--user=mysql'], {
      encoding: 'utf8',
    })
    if (install.status !== 0)
      throw new Error(`mariadb-install-db failed: ${install.stderr || install.stdout || String(install.error)}`)
    const server = new MariaDb(await freePort(), folder)
    await server.#ready()
    return server
  }

  /** A fresh, empty database of this server. */
  async database(name: string, charset = 'utf8mb4'): Promise<string> {
    const root = await mysql.createConnection({ host: '127.0.0.1', port: this.port, user: 'root' })
    await root.query(`create database ${name} character set ${charset}`)
    await root.end()
    return `mysql://root@127.0.0.1:${this.port}/${name}`
  }

  /** Kills the server as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async restart(): Promise<void> {
    this.#process = this.#spawn()
    await this.#ready()
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
  }

  #spawn(): ChildProcess {
    const args = [
      '--no-defaults',
      `--datadir=${join(this.#folder, 'data')}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(this.#folder, 'sock')}`,
      `--pid-file=${join(this.#folder, 'pid')}`,
      `--log-error=${join(this.#folder, 'error.log')}`,
      '--skip-log-bin',
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=64M',
      '--innodb-flush-log-at-trx-commit=2',
      // Tests make hundreds of tables: a file for each would be most of their time.
      '--skip-innodb-file-per-table',
      '--skip-innodb-doublewrite',
      '--skip-sync-frm',
    ]
    return spawn('mariadbd', ownUser() === undefined ? args : [...args, '--user=mysql'], { stdio: 'ignore' })
  }

  async #ready(): Promise<void> {
    const end = Date.now() + START_MS
    for (;;) {
      try {
        const root = await mysql.createConnection({ host: '127.0.0.1', port: this.port, user: 'root' })
        await root.end()
        return
      } catch (cause) {
        if (Date.now() > end || this.#process.exitCode !== null) throw new Error('MariaDB did not start', { cause })
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
}

/** mariadbd does not run as root: there it runs as `mysql`. */
function ownUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'mysql'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
