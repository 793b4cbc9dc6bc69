/** What migratekit posts, as the bodies of requests: the whole life of a job from set-up into its transfer. */

import { SETUP_STEPS } from '../../src/sim/catalogue.ts'
import { GIB } from '../../src/model/units.ts'
import type { LoadRequest } from '../support/load.ts'

export interface Traffic {
  readonly keys: number
  /** Updates of the transfer per key; percent and bytes grow with each. */
  readonly transferUpdates: number
  readonly connections: number
}

/** 40 GiB, as the API reference's example has it. */
const TOTAL_BYTES = 40 * GIB

/** A key as export names are: the field's usual one. */
export function keyOf(index: number): string {
  return `migration-vol-${index.toString(16).padStart(8, '0')}-41ba-4d50-a31f-f497320ca0bd`
}

function updatesOf(key: string, transferUpdates: number): LoadRequest[] {
  const path = `/api/v1/progress/${key}/update`
  const setup = SETUP_STEPS.map(({ stage, percent }) =>
    post(path, { stage, status: 'in_progress', bytes_transferred: 0, throughput_bps: 0, percent }),
  )
  const transfer = Array.from({ length: transferUpdates }, (_, i) => {
    const bytes = Math.floor((TOTAL_BYTES * i) / transferUpdates)
    return post(path, {
      stage: 'Transfer',
      status: 'in_progress',
      bytes_transferred: bytes,
      total_bytes: TOTAL_BYTES,
      throughput_bps: 12_013_439,
      percent: (bytes / TOTAL_BYTES) * 100,
      disk_id: 'disk-2000',
      sync_type: 'initial',
    })
  })
  return [...setup, ...transfer]
}

function post(path: string, body: object): LoadRequest {
  return { method: 'POST', path, body: JSON.stringify(body) }
}

/** By connection: its own keys, all of them at one point of their lives before any goes on. */
export function posts({ keys, transferUpdates, connections }: Traffic): LoadRequest[][] {
  return byConnection(keys, connections, (index) => updatesOf(keyOf(index), transferUpdates))
}

export function gets({ keys, connections }: Traffic): LoadRequest[][] {
  return byConnection(keys, connections, (index) => [{ method: 'GET', path: `/api/v1/progress/${keyOf(index)}` }])
}

function byConnection(
  keys: number,
  connections: number,
  requestsOf: (index: number) => readonly LoadRequest[],
): LoadRequest[][] {
  return Array.from({ length: connections }, (_, connection) => {
    const lives: (readonly LoadRequest[])[] = []
    for (let index = connection; index < keys; index += connections) lives.push(requestsOf(index))
    const steps = Math.max(0, ...lives.map((life) => life.length))
    return Array.from({ length: steps }, (_, step) =>
      lives.flatMap((life) => {
        const request = life[step]
        return request === undefined ? [] : [request]
      }),
    ).flat()
  })
}
