/** `sightline migrate`: creates the tables that are missing; a table that stands is never changed (DB-6). */

import type { Settings } from '../../config/schema.ts'
import { databaseUrl } from '../database-url.ts'
import { openDatabase } from '../db/open.ts'

export async function run(settings: Settings): Promise<number> {
  const database = await openDatabase(databaseUrl(settings.database), { zone: settings.databaseTimeZone, poolSize: 1 })
  try {
    const made = await database.migrate()
    const { missing } = await database.open()
    process.stdout.write(
      made.length > 0 ? `created: ${made.join(', ')}\n` : 'nothing to create: all tables are there\n',
    )
    if (missing.length > 0)
      process.stdout.write(`optional columns that are missing and left out: ${missing.join(', ')}\n`)
    return 0
  } catch (cause) {
    process.stderr.write(`sightline migrate: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  } finally {
    await database.close()
  }
}
