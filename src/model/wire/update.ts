/**
 * What migratekit posts (VMA-1; API reference "POST /api/v1/progress/{jobId}/update") and how a job is registered
 * (VMA-3). Strict in numbers, lenient in everything that real clients do: stage updates carry only stage, status and
 * percent; Go sends zero values for what it does not know; unknown fields are ignored.
 */

import { Type, type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { describeFaults } from './faults.ts'

/** vSphere allows 256 disks a VM. */
export const MAX_DISKS = 256
const MAX_WORD = 255
const MAX_PATH = 1_024

const word = (description: string) => Type.Optional(Type.String({ maxLength: MAX_WORD, description }))
const bytes = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })

/** At least one of stage, status, bytes_transferred and percent is there: see `isProgressUpdate`. */
export const ProgressUpdateSchema = Type.Object(
  {
    stage: word('The stage of the job in the sender’s own word, such as Transfer; empty: unchanged'),
    status: word('Queued, Running, in_progress, completed, failed …; empty: unchanged'),
    bytes_transferred: Type.Optional(bytes('Bytes moved since the transfer began')),
    total_bytes: Type.Optional(bytes('Bytes to move; 0: not known, or nothing to move')),
    throughput_bps: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Bytes per second by the sender’s own measure; 0: we measure',
      }),
    ),
    percent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Percent of the transfer, or of set-up during set-up stages',
      }),
    ),
    disk_id: word('The disk that this update is of; empty: the job’s own'),
    sync_type: word('full, initial or incremental'),
    error_message: Type.Optional(Type.String({ description: 'Why it failed; kept to 2000 characters' })),
    seq: Type.Optional(bytes('Grows with each update of one sender; late ones are told by it')),
    boot_id: word('Names one life of the sending process; another one may start again'),
  },
  { description: 'A progress update. At least one of stage, status, bytes_transferred, percent is required.' },
)
export type ProgressUpdate = Static<typeof ProgressUpdateSchema>

/** The same words as the answer of GET uses. */
export const RegistrationSchema = Type.Object(
  {
    vm_info: Type.Optional(
      Type.Object({
        name: word('Name of the VM'),
        path: Type.Optional(Type.String({ maxLength: MAX_PATH, description: 'Inventory path' })),
        disk_size_bytes: Type.Optional(bytes('Size of the disks')),
        cbt_enabled: Type.Optional(Type.Boolean()),
      }),
    ),
    sync_type: word('full, initial or incremental'),
    cbt: Type.Optional(
      Type.Object({
        type: word('full or incremental'),
        previous_change_id: word('Change id of the last sync'),
        change_id: word('Change id of this sync'),
      }),
    ),
    nbd: Type.Optional(
      Type.Object({
        exports: Type.Array(
          Type.Object({
            name: Type.String({ minLength: 1, maxLength: MAX_WORD }),
            device: word('Block device'),
            connected: Type.Optional(Type.Boolean()),
            started_at: word('RFC 3339'),
          }),
          { maxItems: MAX_DISKS },
        ),
      }),
    ),
    disks: Type.Optional(
      Type.Array(
        Type.Object({
          id: Type.String({ minLength: 1, maxLength: MAX_WORD, description: 'As updates name it in disk_id' }),
          label: word('For people, such as Hard disk 1'),
          planned_bytes: bytes('Bytes to move'),
          origin: Type.Optional(
            Type.Enum(['cbt', 'allocated', 'capacity', 'reported'], { description: 'Where planned_bytes comes from' }),
          ),
        }),
        { maxItems: MAX_DISKS },
      ),
    ),
  },
  { description: 'What is known of a job before its first update; every part is optional.' },
)
export type Registration = Static<typeof RegistrationSchema>

const update = Compile(ProgressUpdateSchema)
const registration = Compile(RegistrationSchema)

/** Valid, and says something. Costs well under a microsecond. */
export function isProgressUpdate(value: unknown): value is ProgressUpdate {
  return update.Check(value) && saysSomething(value)
}

function saysSomething(value: ProgressUpdate): boolean {
  return (
    value.bytes_transferred !== undefined ||
    value.percent !== undefined ||
    Boolean(value.stage) ||
    Boolean(value.status)
  )
}

/** Why `isProgressUpdate` said no, naming every faulty field. */
export function describeUpdateFaults(value: unknown): string {
  return describeFaults(update.Errors(value)) || 'one of stage, status, bytes_transferred, percent is required'
}

export function isRegistration(value: unknown): value is Registration {
  return registration.Check(value) && repeatedDisk(value) === undefined
}

/** Why `isRegistration` said no, naming every faulty field. */
export function describeRegistrationFaults(value: unknown): string {
  if (!registration.Check(value)) return describeFaults(registration.Errors(value))
  return `disks must not name a disk twice (${repeatedDisk(value)})`
}

function repeatedDisk(value: Registration): string | undefined {
  const seen = new Set<string>()
  for (const { id } of value.disks ?? []) {
    if (seen.has(id)) return id
    seen.add(id)
  }
  return undefined
}
