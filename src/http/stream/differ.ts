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
  // Most fields are as they were: only of those that are not it is asked what they are.
  const delta: Record<string, unknown> & { job_id: string } = { job_id: after.job_id }
  let changed = false
  let grew = false
  for (const key in now) {
    const value = now[key]
    if (old[key] === value) continue
    if (isAge(key)) grew = true
    else if (!isSame(old[key], value)) {
      delta[key] = value
      changed = true
    }
  }
  for (const key in old) {
    if (Object.hasOwn(now, key)) continue
    delta[key] = null
    changed ||= !isAge(key)
  }
  if (!changed) return undefined
  if (grew) for (const key in now) if (old[key] !== now[key] && isAge(key)) delta[key] = now[key]
  return delta
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
  let beyond = 0
  for (const key in here) {
    if (isAge(key)) continue
    if (!Object.hasOwn(there, key) || !isSame(here[key], there[key])) return false
    beyond -= 1
  }
  for (const key in there) if (!isAge(key)) beyond += 1
  return beyond === 0
}
