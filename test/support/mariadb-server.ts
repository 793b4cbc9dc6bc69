/** A private, real MariaDB: own data folder, free port, loopback only; stopped by its own handle. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'

/** In the environment of a test file: the port of a server that all files of the run share. */
export const SHARED_PORT = 'SIGHTLINE_TEST_MARIADB_PORT'

/** Debian puts servers where only root's PATH looks. */
const ENV = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }

const START_MS = 30_000
/** A crash of the server loses nothing here, and no test cuts the power: nothing waits for the disk. */
const QUICK = ['--innodb-log-file-size=8M', '--innodb-flush-log-at-trx-commit=2', '--innodb-flush-method=nosync']

export class MariaDbServer {
  readonly port: number
  readonly #folder: string
  readonly #more: readonly string[]
  #process: ChildProcess
  #version = ''

  private constructor(port: number, folder: string, more: readonly string[]) {
    this.port = port
    this.#folder = folder
    this.#more = more
    this.#process = this.#spawn()
  }

  /** Installs a server below `parent` and starts it; ready when it answers. `more`: options in the place of ours. */
  static async start(parent = tmpdir(), more: readonly string[] = []): Promise<MariaDbServer> {
    const folder = mkdtempSync(join(parent, 'mariadb-'))
    const user = ownUser()
    if (user.ids !== undefined) chownSync(folder, ...user.ids)
    const args = [
      '--no-defaults',
      `--datadir=${join(folder, 'data')}`,
      `--tmpdir=${folder}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...QUICK,
    ]
    const install = spawnSync('mariadb-install-db', [...args, ...user.flag], { encoding: 'utf8', env: ENV })
    if (install.status !== 0)
      throw new Error(`mariadb-install-db failed: ${install.stderr || install.stdout || String(install.error)}`)
    const server = new MariaDbServer(await freePort(), folder, more)
    await server.#ready()
    return server
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** `10.11.14-MariaDB-…`, as the server tells it. */
  get version(): string {
    return this.#version
  }

  /** A fresh, empty database of this server. */
  async database(name: string): Promise<string> {
    return await createDatabase(this.port, name)
  }

  /** Kills the server as a crash would. */
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
      `--tmpdir=${this.#folder}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(this.#folder, 'sock')}`,
      `--pid-file=${join(this.#folder, 'pid')}`,
      `--log-error=${join(this.#folder, 'error.log')}`,
      '--skip-log-bin',
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=64M',
      // Tests make hundreds of tables: a file for each would be most of their time.
      '--skip-innodb-file-per-table',
      '--skip-innodb-doublewrite',
      '--skip-sync-frm',
      ...QUICK,
      ...this.#more,
    ]
    return spawn('mariadbd', [...args, ...ownUser().flag], { stdio: 'ignore', env: ENV })
  }

  async #ready(): Promise<void> {
    const end = Date.now() + START_MS
    for (;;) {
      try {
        const root = await mysql.createConnection({ host: '127.0.0.1', port: this.port, user: 'root' })
        const [rows] = await root.query<mysql.RowDataPacket[]>('select version() as version')
        this.#version = String(rows[0]?.['version'])
        await root.end()
        return
      } catch (cause) {
        if (Date.now() > end || this.#process.exitCode !== null) throw new Error('MariaDB did not start', { cause })
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }
}

export async function createDatabase(port: number, name: string, charset = 'utf8mb4'): Promise<string> {
  const root = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' })
  await root.query(`create database ${name} character set ${charset}`)
  await root.end()
  return `mysql://root@127.0.0.1:${port}/${name}`
}

interface OwnUser {
  readonly ids?: readonly [uid: number, gid: number]
  readonly flag: readonly string[]
}

/** mariadbd does not run as root: there it runs as `mysql`, which a full installation makes, else as `nobody`. */
function ownUser(): OwnUser {
  if (process.getuid?.() !== 0) return { flag: [] }
  for (const name of ['mysql', 'nobody']) {
    const id = (flag: string): string => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim()
    if (id('-u') !== '') return { ids: [Number(id('-u')), Number(id('-g'))], flag: [`--user=${name}`] }
  }
  throw new Error('there is neither a user mysql nor a user nobody for MariaDB to run as')
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
