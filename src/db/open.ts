/** URL → database. Drivers are heavy: each is loaded where it is used, in the database's thread. */

import type { Database } from './ports.ts'

export interface OpenOptions {
  /** IANA zone in which the database writes its `datetime` columns, or `system`. */
  readonly zone: string
  readonly poolSize: number
}

/** `mysql://user:pw@host:3306/name` or `sqlite:<file>`. Connects on first use. Throws for any other scheme. */
export async function openDatabase(url: string, { zone, poolSize }: OpenOptions): Promise<Database> {
  if (url.startsWith('sqlite:')) {
    const { SqliteDatabase } = await import('./sqlite.ts')
    return new SqliteDatabase(url.slice('sqlite:'.length), zone)
  }
  if (url.startsWith('mysql:')) {
    const { MysqlDatabase } = await import('./mysql.ts')
    return new MysqlDatabase(url, zone, poolSize)
  }
  throw new Error(`no such kind of database: ${url.split(':')[0]}; mysql:// and sqlite: are known`)
}
