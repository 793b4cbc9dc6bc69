/** A database with the tables of `sightline migrate` and nothing in them. */

import { openDatabase } from '../../src/db/open.ts'

/** Returns the URL. */
export async function emptyDatabase(url: string): Promise<string> {
  const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
  await database.migrate()
  await database.close()
  return url
}
