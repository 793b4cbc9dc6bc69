/** A run store under a hand clock, told what migratekit tells. */

import type { ProgressDocument } from '../../src/model/wire/progress-document.ts'
import type { ProgressUpdate } from '../../src/model/wire/update.ts'
import type { UpdateAnswer } from '../../src/vma/ports.ts'
import { DEFAULT_LIMITS, RunStore, type StoreLimits } from '../../src/vma/store.ts'

export const GB = 1_000_000_000
export const KEY = 'migration-vol-1'

export class HandVma {
  readonly store: RunStore
  now: number

  constructor(limits: Partial<StoreLimits> = {}, now = Date.parse('2025-09-05T15:00:00Z')) {
    this.store = new RunStore({ ...DEFAULT_LIMITS, ...limits })
    this.now = now
  }

  pass(seconds: number): this {
    this.now += seconds * 1_000
    return this
  }

  post(update: ProgressUpdate, key = KEY): UpdateAnswer {
    return this.store.update(key, update, this.now)
  }

  /** A Transfer update in progress. */
  transfer(bytes: number, more: ProgressUpdate = {}, key = KEY): UpdateAnswer {
    return this.post({ stage: 'Transfer', status: 'in_progress', bytes_transferred: bytes, ...more }, key)
  }

  setup(stage: string, percent: number, more: ProgressUpdate = {}): UpdateAnswer {
    return this.post({ stage, status: 'in_progress', bytes_transferred: 0, percent, ...more })
  }

  completed(bytes: number, more: ProgressUpdate = {}): UpdateAnswer {
    return this.post({
      stage: 'Transfer',
      status: 'completed',
      bytes_transferred: bytes,
      throughput_bps: 0,
      percent: 100,
      ...more,
    })
  }

  get(key = KEY): ProgressDocument {
    const document = this.store.read(key, this.now)
    if (document === undefined) throw new Error(`unknown job ${key}`)
    return JSON.parse(document) as ProgressDocument
  }
}
