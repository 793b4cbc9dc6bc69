/** What the commands that ask an OMA have in common: the connection, its faults, and where text goes. */

import { readNamed } from '../../../config/files.ts'
import { SightlineClient } from '../../client/index.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { tellProblems } from '../usage.ts'
import { readConnection, type Connection } from './connection.ts'
import { faultOf } from './faults.ts'

/** Runs one question to its end; what goes wrong is a sentence on stderr and its exit code. */
export async function asking(
  options: ClientCommandOptions,
  problems: readonly string[],
  work: (client: SightlineClient, connection: Connection) => Promise<number>,
): Promise<number> {
  const connection = readConnection(options, readNamed)
  const all = [...problems, ...('problems' in connection ? connection.problems : [])]
  if ('problems' in connection || all.length > 0) return tellProblems(all)
  const client = new SightlineClient(connection.value)
  try {
    return await work(client, connection.value)
  } catch (error) {
    const { code, sentence } = faultOf(error, connection.value)
    process.stderr.write(`sightline: ${sentence}\n`)
    return code
  } finally {
    client.close()
  }
}
