/**
 * What really happens to the transfers of a fault test, as a function of time and a seed alone: whoever is killed and
 * started again finds the truth where it has got to meanwhile. Answers have the documented v1.8.1 shape.
 */

export interface TruthOptions {
  readonly seed: number
  readonly jobs: number
  /** Epoch ms. */
  readonly startAt: number
  /** A transfer takes between these two, milliseconds. */
  readonly durationMs: readonly [number, number]
  /** Share of jobs whose transfer fails. */
  readonly failureShare: number
}

export interface TrueDisk {
  readonly diskId: string
  readonly volume: string
  readonly key: string
  readonly totalBytes: number
  readonly startAt: number
  readonly endAt: number
  readonly outcome: 'completed' | 'failed'
}

export interface TrueJob {
  readonly jobId: string
  readonly contextId: string
  readonly disks: readonly TrueDisk[]
  readonly outcome: 'completed' | 'failed'
  readonly endAt: number
}

/** Mulberry32: one number in 0..1 per call, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function truth({ seed, jobs, startAt, durationMs: [least, most], failureShare }: TruthOptions): TrueJob[] {
  const random = randomOf(seed)
  return Array.from({ length: jobs }, (_, i) => {
    const outcome = random() < failureShare ? 'failed' : 'completed'
    const disks = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, d): TrueDisk => {
      const volume = `vol-${seed}-${i}-${d}`
      const begin = startAt + random() * 0.2 * least
      return {
        diskId: `disk-${2000 + d}`,
        volume,
        key: `migration-vol-${volume}`,
        totalBytes: Math.floor(1e9 + random() * 1e11),
        startAt: begin,
        endAt: begin + least + random() * (most - least),
        outcome: d === 0 ? outcome : 'completed',
      }
    })
    const failedAt = disks.find((disk) => disk.outcome === 'failed')?.endAt
    return {
      jobId: `job-${seed}-${String(i).padStart(5, '0')}`,
      contextId: `ctx-${seed}-${i}`,
      disks,
      outcome,
      endAt: failedAt ?? Math.max(...disks.map((disk) => disk.endAt)),
    }
  })
}

/** migratekit reports every 2 s: what a VMA knows is as old as the last report. */
const REPORT_MS = 2_000

/** What a VMA answers for a disk at `now`; undefined while it has not heard of it. A failing transfer fails at 60 %. */
export function documentAt(disk: TrueDisk, now: number): object | undefined {
  if (now < disk.startAt) return undefined
  const reportedAt =
    now >= disk.endAt ? disk.endAt : Math.floor((now - disk.startAt) / REPORT_MS) * REPORT_MS + disk.startAt
  const over = reportedAt >= disk.endAt
  const share =
    Math.min(1, (reportedAt - disk.startAt) / (disk.endAt - disk.startAt)) * (disk.outcome === 'failed' ? 0.6 : 1)
  const bytes = over && disk.outcome === 'completed' ? disk.totalBytes : Math.floor(disk.totalBytes * share)
  const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`
  return {
    job_id: disk.key,
    status: over ? disk.outcome : 'in_progress',
    sync_type: 'initial',
    phase: 'Transfer',
    percentage: (bytes / disk.totalBytes) * 100,
    current_operation: 'Transfer',
    bytes_transferred: bytes,
    total_bytes: disk.totalBytes,
    throughput: { current_mbps: over ? 0 : 100, average_mbps: 100, peak_mbps: 100, last_update: time(reportedAt) },
    timing: { start_time: time(disk.startAt), last_update: time(reportedAt), elapsed_ms: reportedAt - disk.startAt },
    errors: over && disk.outcome === 'failed' ? ['nbd: server disconnected'] : [],
    last_error: over && disk.outcome === 'failed' ? 'nbd: server disconnected' : null,
  }
}
