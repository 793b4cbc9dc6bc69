/**
 * What changed between two live states of a job. A field is equal or sent whole: nested values (`disks`, `poller`) are
 * replaced, never patched, so that a client merges with one spread.
 *
 * Ages (`*_age_seconds`, at any depth) grow by themselves: they are no change, a client counts on by its own clock. They
 * are sent along when something else changed. Times (`*_at`) are facts and count as changes: without them nobody
 * could tell a quiet job from one whose VMA is silent.
 */

import type { LiveJobJson } from '../../model/live.ts'
import type { DeltaFrame } from './frames.ts'

export type JobDelta = DeltaFrame['jobs'][number]

/** undefined when nothing changed. A field that is gone comes as null. */
export function changedFields(before: LiveJobJson, after: LiveJobJson): JobDelta | undefined {
  const old = recordOf(before)
  const now = recordOf(after)
  const delta: Record<string, unknown> = {}
  const ages: Record<string, unknown> = {}
  let changed = false
  for (const key of Object.keys(now)) {
    const value = now[key]
    if (isAge(key)) {
      if (old[key] !== value) ages[key] = value
    } else if (!isSame(old[key], value)) {
      delta[key] = value
      changed = true
    }
  }
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(now, key)) continue
    delta[key] = null
    changed ||= !isAge(key)
  }
  return changed ? { job_id: after.job_id, ...delta, ...ages } : undefined
}

function recordOf(value: object): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>
}

function isAge(key: string): boolean {
  return key.endsWith('_age_seconds')
}

/** Plain data only. Ages within are not looked at. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  }
  const here = recordOf(a)
  const there = recordOf(b)
  const keys = Object.keys(here).filter((key) => !isAge(key))
  return (
    keys.length === Object.keys(there).filter((key) => !isAge(key)).length &&
    keys.every((key) => Object.hasOwn(there, key) && isSame(here[key], there[key]))
  )
}
