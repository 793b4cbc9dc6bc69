/** What the HTTP side needs of the VMA service. Types only: the run store implements it, the composition connects the two. */

import type { ChangesAnswer } from '../model/wire/changes.ts'
import type { ProgressUpdate, Registration } from '../model/wire/update.ts'

/** Every update is counted under one of these: `sightline_vma_updates_total{result}`. */
export type UpdateResult = 'accepted' | 'ignored_late' | 'invalid' | 'too_large' | 'not_registered'

/**
 * accepted: the state changed · ignored_late: a late or repeated update, nothing changed (VMA-7) · not_registered:
 * unknown job where registration is explicit (VMA-3) · too_many_disks: more disks than a VM can have, nothing changed.
 */
export type UpdateAnswer = 'accepted' | 'ignored_late' | 'not_registered' | 'too_many_disks'

/** `now` is the service's clock in epoch ms; it is the only clock the state knows. */
export interface ProgressIntake {
  readonly jobs: number
  update(key: string, update: ProgressUpdate, now: number): UpdateAnswer
  register(key: string, registration: Registration, now: number): 'created' | 'replaced'
  /** A `ProgressDocument` in JSON; undefined: unknown job. */
  read(key: string, now: number): string | undefined
  /** Counts an update that was refused before it came to `update`. */
  refused(result: 'invalid' | 'too_large'): void
}

/** How a follower stands. far_behind: a full listing or at least a whole page waits for it. */
export type Standing = 'current' | 'behind' | 'far_behind'

/** The change feed (VMA-11). `since`: a `revision` of an answer; whatever else it is leads to a full listing. */
export interface ProgressChanges {
  page(since: string, limit: number, now: number): ChangesAnswer
  standing(since: string, limit: number): Standing
  /** One listener, called at every change: it has to be quick. */
  onChange(listener: () => void): void
}
