/** Processor time by thread, so that work which only moved from one to another is seen. */

import { readdirSync, readFileSync } from 'node:fs'

export interface ThreadTime {
  readonly tid: number
  /** As Linux has it: `node`, `libuv-worker`, … */
  readonly name: string
  /** To the nanosecond: ticks of 10 ms are too coarse for a thread. */
  readonly seconds: number
}

/** In the order in which they were started. */
export function threadTimes(pid: number | 'self' = 'self'): readonly ThreadTime[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((tid) => {
      try {
        const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim()
        const [onCpu = '0'] = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')
        return [{ tid: Number(tid), name, seconds: Number(onCpu) / 1e9 }]
      } catch {
        // It ended meanwhile.
        return []
      }
    })
    .toSorted((a, b) => a.tid - b.tid)
}

/** Cores in use by part. `fetch` are all fetch threads, `busiestFetch` the one of them that has most to do. */
export interface OmaCores {
  readonly main: number
  readonly fetch: number
  readonly busiestFetch: number
  readonly database: number
  /** V8's helpers (collection, compilation) and libuv's. */
  readonly helpers: number
}

/**
 * An OMA starts its database thread first and then those that fetch (src/compose-oma.ts); all of them bear node's own name,
 * as V8's helpers do, which `before` the start were there already.
 */
export function omaCores(
  then: readonly ThreadTime[],
  now: readonly ThreadTime[],
  { seconds, before, pid }: { readonly seconds: number; readonly before: ReadonlySet<number>; readonly pid: number },
): OmaCores {
  const was = new Map(then.map((thread) => [thread.tid, thread.seconds]))
  const used = now.map(({ tid, name, seconds: at }) => ({ tid, name, cores: (at - (was.get(tid) ?? 0)) / seconds }))
  const isWorker = ({ tid, name }: { tid: number; name: string }): boolean =>
    tid !== pid && !before.has(tid) && name === 'node'
  const [database, ...fetching] = used.filter(isWorker).map(({ cores }) => cores)
  const main = used.find(({ tid }) => tid === pid)?.cores ?? 0
  const all = used.reduce((sum, { cores }) => sum + cores, 0)
  const fetch = fetching.reduce((sum, cores) => sum + cores, 0)
  return {
    main,
    fetch,
    busiestFetch: Math.max(0, ...fetching),
    database: database ?? 0,
    helpers: all - main - fetch - (database ?? 0),
  }
}
