/**
 * What `GET /api/v1/progress/changes` answers (VMA-11), and how its documents are read. A document has the fields of
 * `GET /api/v1/progress/{jobId}` that an OMA reads, each thing once; `documentAt` makes of it what `normalise` takes.
 */

import { Type, type Static } from 'typebox'
import { bytes, count, percent, text } from './schema-words.ts'
import { utcMillis } from './time.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
const speedUntil = Type.Optional(time('From then on the speed is 0, unless told otherwise; absent where it is 0'))

const FeedDiskSchema = Type.Object({
  id: text('disk_id of its updates'),
  planned_bytes: bytes('To move'),
  bytes_transferred: bytes('Moved'),
  throughput_bps: bytes('Per second'),
  speed_until: speedUntil,
  percent: percent('Of the transfer'),
  status: text('Its last status word'),
})

const FeedDocumentSchema = Type.Object(
  {
    status: text('The sender’s last status word'),
    sync_type: text('full unless said otherwise'),
    percentage: percent('Of the transfer; of set-up until the transfer starts'),
    current_operation: text('The sender’s last stage word'),
    bytes_transferred: bytes('Moved'),
    total_bytes: bytes('To move; 0: not known'),
    aggregate: Type.Object({ throughput_bps: bytes('Per second'), speed_until: speedUntil }),
    timing: Type.Optional(
      Type.Object({ eta_seconds: count('Absent when unknown; good for as long as the speed of aggregate is') }),
    ),
    setup_progress_percent: Type.Optional(percent('Of set-up')),
    cbt: Type.Optional(
      Type.Object({
        type: text('As registered, else the sync type'),
        previous_change_id: text('As registered'),
        change_id: text('As registered'),
      }),
    ),
    last_error: Type.Optional(text('Of the run’s failure')),
    errors: Type.Optional(Type.Array(Type.String(), { description: 'The last one, where the run has not failed' })),
    run: Type.Object({
      number: Type.Integer({ minimum: 1, description: 'Grows with each run under this key' }),
      started_at: time('When it began'),
      updated_at: time('Last change'),
      heard_at: Type.Optional(
        time('Last update of any kind; absent where that is updated_at. Repeated ones are told every 5 s at most'),
      ),
    }),
    disks: Type.Optional(Type.Array(FeedDiskSchema)),
  },
  { description: 'Fields as in GET /api/v1/progress/{jobId}' },
)

export const ChangesSchema = Type.Object({
  epoch: text('This life of the service'),
  revision: text('The next `since`; opaque'),
  more: Type.Boolean({ description: 'There is more already: ask again at once' }),
  full: Type.Boolean({
    description: 'First page of a full listing: what is not told by the first answer without `more` is gone',
  }),
  server_time: time('Our clock at the time of this answer'),
  jobs: Type.Array(Type.Object({ key: text('The job_id of the update’s path'), progress: FeedDocumentSchema }), {
    description: 'The newest state of each job that changed, in the order of changes',
  }),
  removed: Type.Array(Type.String(), { description: 'Keys that went; to be applied before `jobs`' }),
})

type Deep<T> = T extends readonly (infer E)[]
  ? readonly Deep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Deep<T[K]> }
    : T
export type ChangesAnswer = Deep<Static<typeof ChangesSchema>>
export type FeedDocument = Deep<Static<typeof FeedDocumentSchema>>
export type FeedDisk = Deep<Static<typeof FeedDiskSchema>>
export type JobChange = ChangesAnswer['jobs'][number]

/**
 * The document of a key as the single GET would have it at a time of the VMA's clock (the `server_time` of the newest answer,
 * in epoch ms), as far as `normalise` reads it: a speed that nothing was heard of for a minute is 0 and its ETA unknown.
 */
export function documentAt(key: string, told: FeedDocument, serverTimeMs: number): Readonly<Record<string, unknown>> {
  const { aggregate, timing, disks, run } = told
  const isMoving = holds(aggregate.speed_until, serverTimeMs)
  return {
    ...told,
    job_id: key,
    phase: told.current_operation,
    aggregate: isMoving ? aggregate : STANDING,
    timing: isMoving ? timing : undefined,
    run: run.heard_at === undefined ? { ...run, heard_at: run.updated_at } : run,
    ...(disks === undefined ? undefined : { disks: disks.map((disk) => diskAt(disk, serverTimeMs)) }),
    server_time: utcMillis(serverTimeMs),
  }
}

const STANDING = { throughput_bps: 0 } as const

function diskAt(disk: FeedDisk, serverTimeMs: number): FeedDisk {
  return disk.speed_until === undefined || holds(disk.speed_until, serverTimeMs) ? disk : { ...disk, ...STANDING }
}

function holds(until: string | undefined, atMs: number): boolean {
  return until !== undefined && atMs < Date.parse(until)
}
