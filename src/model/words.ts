/**
 * The words of the field and their order: job status, disk status, stage.
 * Sources: NORM-2, STAT-1, STAT-2, STAT-4; phase words of older VMAs.
 */

/** Every value that `replication_jobs.status` may hold. */
export const JOB_STATUSES = [
  'pending',
  'queued',
  'initializing',
  'preparing',
  'snapshotting',
  'replicating',
  'streaming',
  'running',
  'finalizing',
  'completed',
  'failed',
  'cancelled',
] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export const TERMINAL_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobStatus[]
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number]

/** STAT-2: forward is upward; statuses of one rank may replace each other. */
export const STATUS_RANK: Readonly<Record<JobStatus, number>> = {
  pending: 0,
  queued: 0,
  initializing: 1,
  preparing: 1,
  snapshotting: 2,
  replicating: 3,
  streaming: 3,
  running: 3,
  finalizing: 4,
  completed: 5,
  failed: 5,
  cancelled: 5,
}

/** STAT-4: what `vm_disks.sync_status` may hold. */
export const DISK_STATUSES = ['pending', 'snapshotting', 'syncing', 'completed', 'failed'] as const
export type DiskStatus = (typeof DISK_STATUSES)[number]

/** A disk's status within a run goes forward only; a failure that follows completion is the VMA's last word (AGG-3). */
export const DISK_STATUS_RANK: Readonly<Record<DiskStatus, number>> = {
  pending: 0,
  snapshotting: 1,
  syncing: 2,
  completed: 3,
  failed: 4,
}

/** Every value that `vm_replication_contexts.current_status` may hold. */
export const CONTEXT_STATUSES = [
  'discovered',
  'replicating',
  'ready_for_failover',
  'failed_over_test',
  'failed_over_live',
  'completed',
  'failed',
  'cleanup_required',
] as const

/** STAT-1: the documented order of stages, in the words of `current_operation`. */
export const STAGES = [
  'Discover',
  'EnableCBT',
  'QueryCBT',
  'Snapshot',
  'PrepareVolumes',
  'StartExports',
  'Transfer',
  'Finalize',
  'PersistChangeIDs',
] as const

export function isJobStatus(word: string): word is JobStatus {
  return Object.hasOwn(STATUS_RANK, word)
}

export function isTerminal(status: JobStatus): status is TerminalStatus {
  return STATUS_RANK[status] === 5
}

/** A `replication_jobs.status` column as another writer may spell it: whether the job is over. */
export function endsJob(column: string): boolean {
  return (TERMINAL_STATUSES as readonly string[]).includes(column.trim().toLowerCase())
}

/** VMAs say the same few words again and again, each of them looked at eight times a poll. */
const canonicals = new Map<string, string>()
const MAX_REMEMBERED = 500

/** `in_progress`, `In-Progress` and ` IN  PROGRESS ` are one word. */
function canonical(word: string): string {
  let known = canonicals.get(word)
  if (known === undefined) {
    known = word
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
    if (canonicals.size >= MAX_REMEMBERED) canonicals.clear()
    canonicals.set(word, known)
  }
  return known
}

/** NORM-2. `succeeded` is the end of a job; `completed` may be the end of a stage (NORM-3). */
const STATUS_OF_WORD: Readonly<Record<string, JobStatus>> = {
  queued: 'pending',
  preparing: 'preparing',
  initializing: 'preparing',
  snapshotting: 'snapshotting',
  'creating snapshot': 'snapshotting',
  'snapshot creation': 'snapshotting',
  running: 'replicating',
  'in progress': 'replicating',
  'copying data': 'replicating',
  streaming: 'streaming',
  finalizing: 'finalizing',
  cleanup: 'finalizing',
  succeeded: 'completed',
  completed: 'completed',
  failed: 'failed',
  error: 'failed',
}

/** A VMA's status word → job status; undefined for a word that is not known (NORM-2). */
export function statusOfWord(word: string): JobStatus | undefined {
  const key = canonical(word)
  return Object.hasOwn(STATUS_OF_WORD, key) ? STATUS_OF_WORD[key] : undefined
}

/** `Completed` of a stage is not completion of the job (NORM-3); `Succeeded` is. */
export function needsCompletionProof(word: string): boolean {
  return canonical(word) === 'completed'
}

/** Words that say "at work" without saying at what: the stage knows better during set-up. */
export function isGenericProgress(word: string): boolean {
  const key = canonical(word)
  return key === 'in progress' || key === 'running'
}

/** Stages before the first byte moves, as migratekit and older VMAs name them → the status they mean. */
const SETUP_STAGES: Readonly<Record<string, JobStatus>> = {
  discover: 'preparing',
  discovery: 'preparing',
  initializing: 'preparing',
  preparing: 'preparing',
  enablecbt: 'preparing',
  querycbt: 'preparing',
  snapshot: 'snapshotting',
  snapshotting: 'snapshotting',
  'creating snapshot': 'snapshotting',
  'snapshot creation': 'snapshotting',
  preparevolumes: 'preparing',
  startexports: 'preparing',
  'setting up nbd': 'preparing',
  'preparing migration': 'preparing',
}

/** The status that a set-up stage means; undefined for a stage in which bytes move or one not known. */
export function setupStatusOfStage(stage: string): JobStatus | undefined {
  const key = canonical(stage)
  return Object.hasOwn(SETUP_STAGES, key) ? SETUP_STAGES[key] : undefined
}

/** Percent during set-up counts set-up steps, not bytes: the two are different things (`setup_progress_percent`). */
export function isSetupStage(stage: string): boolean {
  return setupStatusOfStage(stage) !== undefined
}

/** Stages after the last byte: a job that vanishes here has very likely ended well (POLL-6). */
export function isClosingStage(stage: string): boolean {
  const key = canonical(stage)
  return key === 'finalize' || key === 'finalizing' || key === 'cleanup' || key === 'persistchangeids'
}

/** Documented VMAs forget a job when it completes: one that vanishes from here on has very likely ended well (POLL-6). */
export function isAllButOver(percent: number, stage: string): boolean {
  return percent >= ALL_BUT_OVER_PERCENT || isClosingStage(stage)
}
const ALL_BUT_OVER_PERCENT = 99

/**
 * Whether bytes are to move now. The stage knows best: the documents' own answer says Queued at 2 % of Transfer. Where the
 * stage is none that is known, the status tells.
 */
export function isTransfer(status: JobStatus | undefined, stage: string): boolean {
  const key = canonical(stage)
  if (key === 'transfer' || key === 'copying data') return true
  if (isSetupStage(stage) || isClosingStage(stage)) return false
  return status !== undefined && STATUS_RANK[status] === STATUS_RANK.replicating
}

/** STAT-4: job status of one disk's sample → `vm_disks.sync_status`. */
export function diskStatusOf(status: JobStatus): DiskStatus {
  switch (status) {
    case 'snapshotting':
      return 'snapshotting'
    case 'replicating':
    case 'streaming':
    case 'running':
    case 'finalizing':
      return 'syncing'
    case 'completed':
      return 'completed'
    case 'failed':
    case 'cancelled':
      return 'failed'
    default:
      return 'pending'
  }
}

/** `replication_type` and `cbt_history.sync_type` know two words; VMAs say full or initial for the same thing. */
export function replicationTypeOf(syncType: string): 'initial' | 'incremental' | undefined {
  const key = canonical(syncType)
  if (key === 'full' || key === 'initial') return 'initial'
  return key === 'incremental' ? 'incremental' : undefined
}
