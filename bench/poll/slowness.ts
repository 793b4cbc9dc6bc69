/** Which requests a slow VMA stand-in is slow with, told from the key so that the poller's side knows them too. */

export interface Slowness {
  /** Of the jobs, one in so many is slow; 1: all of them. */
  readonly oneIn: number
  readonly latencyMs: number
  /** Of the slow requests, one in so many is never answered. */
  readonly hangsOneIn: number
}

/** Keys are `migration-vol-` and eight hexadecimal digits that count (bench/intake/traffic.ts). */
export function isSlow(key: string, { oneIn }: Slowness): boolean {
  return Number.parseInt(key.slice('migration-vol-'.length, 'migration-vol-'.length + 8), 16) % oneIn === 0
}
