/**
 * Whether a body is an answer of a change feed (VMA-11). Looked at as far as `Followed` and `documentAt` build on it; what
 * the fields of a document hold is `normalise`'s to judge, as with any VMA's answer.
 */

import type { ChangesAnswer } from '../model/wire/changes.ts'

export function asChanges(body: unknown): ChangesAnswer | undefined {
  return isChanges(body) ? body : undefined
}

function isChanges(body: unknown): body is ChangesAnswer {
  if (!isObject(body)) return false
  const { revision, more, full, server_time: time, jobs, removed } = body
  return (
    typeof revision === 'string' &&
    revision !== '' &&
    typeof more === 'boolean' &&
    typeof full === 'boolean' &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    Array.isArray(jobs) &&
    jobs.every(isChange) &&
    Array.isArray(removed) &&
    removed.every((key) => typeof key === 'string')
  )
}

function isChange(change: unknown): boolean {
  if (!isObject(change) || typeof change['key'] !== 'string' || !isObject(change['progress'])) return false
  const { aggregate, run, disks } = change['progress']
  return (
    isObject(aggregate) && isObject(run) && (disks === undefined || (Array.isArray(disks) && disks.every(isObject)))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
