/** A MariaDB as one is deployed: it waits for its disk at each commit, as the tests' server does not, and has room. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MariaDbServer } from '../../test/support/mariadb-server.ts'

const DEPLOYED = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-flush-method=O_DIRECT',
  '--innodb-doublewrite=1',
  '--innodb-log-file-size=96M',
  '--innodb-buffer-pool-size=256M',
]

/** Runs `work` with a server and stops that, whatever happens. */
export async function withMariaDb<T>(work: (server: MariaDbServer) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'))
  // MariaDB runs as another user than root.
  chmodSync(folder, 0o755)
  try {
    const server = await MariaDbServer.start(folder, DEPLOYED)
    try {
      return await work(server)
    } finally {
      await server.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
