/** The rights that docs/operations.md says, given to a user of a test's own. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MysqlConnection } from '../../src/db/mysql.ts'
import { ROOT } from '../arch/source-files.ts'
import { blocksOf } from './markdown.ts'

export interface DocumentedRights {
  /** For what the deployed tables hold; makes the user. */
  readonly service: readonly string[]
  /** While `sightline migrate` creates the one table of ours. */
  readonly ownTable: readonly string[]
  readonly afterwards: readonly string[]
  /** While it creates all of them. */
  readonly everything: readonly string[]
}

export function documentedRights(): DocumentedRights {
  const text = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8')
  const blocks = blocksOf(text).filter(({ language }) => language === 'sql')
  const [service = [], ownTable = [], afterwards = [], everything = [], ...more] = blocks.map(({ text }) =>
    text.split(/;\s*/).filter((statement) => statement.trim() !== ''),
  )
  if (everything.length === 0 || more.length > 0)
    throw new Error('docs/operations.md has other blocks of SQL than four')
  return { service, ownTable, afterwards, everything }
}

/** A user of one database, who goes with the test. */
export class DatabaseUser {
  readonly url: string
  readonly #root: MysqlConnection
  readonly #own: (statement: string) => string

  constructor(rootUrl: string) {
    const url = new URL(rootUrl)
    const database = url.pathname.slice(1)
    // Names of users are bounded.
    const user = `u_${database}`.slice(-60)
    this.#root = new MysqlConnection(rootUrl, 1)
    this.#own = (statement) =>
      statement
        .replaceAll('migratekit_oma.', `${database}.`)
        .replaceAll("'sightline'@", `'${user}'@`)
        .replaceAll('CHANGE-ME', 'a-password')
    url.username = user
    url.password = 'a-password'
    this.url = url.href
  }

  /** Statements as they stand in the document. */
  async run(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.#root.run(this.#own(statement))
  }

  async close(): Promise<void> {
    await this.run(["DROP USER IF EXISTS 'sightline'@'127.0.0.1'"])
    await this.#root.close()
  }
}
