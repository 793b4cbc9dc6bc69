/** `sightline __names [jobs]`: the ids of live jobs, and the names of their VMs, one a line, for completion. Says nothing when it can't. */

import { readNamed } from '../../../config/files.ts'
import { SightlineClient } from '../../client/index.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { EXIT } from '../exit-codes.ts'
import { readConnection } from './connection.ts'

/** A person waits for it with a key pressed. */
const PATIENCE_MS = 2_000
/** What a shell splits or expands would be completed as something else. */
const SAFE = /^[\w.@+-]+$/

export async function run(options: ClientCommandOptions): Promise<number> {
  const connection = readConnection(options, readNamed)
  if ('problems' in connection) return EXIT.ok
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const hurried: typeof fetch = (input, init) => fetch(input, { ...init, signal })
  try {
    const { jobs } = await new SightlineClient({ ...connection.value, fetch: hurried }).rest.jobs()
    const names = new Set(
      jobs.flatMap(({ job_id, vm_name }) => (options.args[0] === 'jobs' ? [job_id] : [job_id, vm_name])),
    )
    process.stdout.write(
      [...names]
        .filter((name) => SAFE.test(name))
        .map((name) => `${name}\n`)
        .join(''),
    )
  } catch {
    // Nothing to offer.
  }
  return EXIT.ok
}
