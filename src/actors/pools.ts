/** The Piscina pools: fetch threads run one long task each, database threads one short task per operation. */

import { Piscina } from 'piscina'

/** In a checkout workers run as TypeScript, in the package as the compiled JavaScript beside this file. */
function workerFile(name: 'fetch' | 'db'): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`../workers/${name}.${extension}`, import.meta.url).href
}

export function fetchPool(threads: number): Piscina {
  return new Piscina({
    filename: workerFile('fetch'),
    minThreads: threads,
    maxThreads: threads,
    atomics: 'disabled',
    closeTimeout: 10_000,
  })
}

/** One thread: SQLite has one writer, and a pool of connections needs no second thread. Reads run beside a write. */
export function databasePool(): Piscina {
  return new Piscina({
    filename: workerFile('db'),
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 16,
    atomics: 'disabled',
    idleTimeout: Number.MAX_SAFE_INTEGER,
    closeTimeout: 10_000,
  })
}
