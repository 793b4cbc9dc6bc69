/**
 * Databases of a real MariaDB for one test file: on the server that `npm test` shares among all files, or on a private
 * one where the file runs alone. A test that kills or configures its server takes a MariaDbServer of its own.
 */

import { createDatabase, MariaDbServer, SHARED_PORT } from './mariadb-server.ts'

export class MariaDb {
  readonly #port: number
  readonly #own: MariaDbServer | undefined

  private constructor(port: number, own?: MariaDbServer) {
    this.#port = port
    this.#own = own
  }

  static async start(): Promise<MariaDb> {
    const shared = process.env[SHARED_PORT]
    if (shared !== undefined) return new MariaDb(Number(shared))
    const own = await MariaDbServer.start()
    return new MariaDb(own.port, own)
  }

  get port(): number {
    return this.#port
  }

  /** A fresh, empty database; its name is this file's own also where another file asks for the same. */
  async database(name: string, charset?: string): Promise<string> {
    return await createDatabase(this.#port, `${name}_${process.pid}`, charset)
  }

  async stop(): Promise<void> {
    await this.#own?.stop()
  }
}
