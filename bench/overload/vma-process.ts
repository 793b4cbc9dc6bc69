/**
 * A real VMA whose fleet reports as migratekits do, or far too often: told to its store from within, so that what the fleet
 * costs is not what is measured.
 */

import { startVma, type Vma } from '../../src/compose-vma.ts'
import { GIB } from '../../src/model/units.ts'
import { keyOf } from '../intake/traffic.ts'
import { obey } from '../support/parent.ts'

const TOTAL_BYTES = 40 * GIB
const TICK_MS = 50
/** Each transfer takes as long as any bench. */
const LASTS_MS = 3_600_000

/** `report`: each of the first `jobs` is told of once in `everyMs` from now on. `updates`: how many there were so far. */
export type VmaQuestion =
  | { readonly ask: 'start' | 'updates' }
  | { readonly ask: 'report'; readonly jobs: number; readonly everyMs: number }

let vma: Vma | undefined
let timer: NodeJS.Timeout | undefined
let updates = 0
const beganAt = Date.now()

obey(async (question: VmaQuestion) => {
  if (question.ask === 'start') {
    const tools = { clock: { now: Date.now }, onFault: (error: unknown) => console.error(error) }
    vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [] }, tools)
    return `http://127.0.0.1:${vma.port}`
  }
  if (vma === undefined) throw new Error('start comes first')
  if (question.ask === 'report') report(vma, question.jobs, question.everyMs)
  return updates
})

function report(to: Vma, jobs: number, everyMs: number): void {
  clearInterval(timer)
  const startedAt = Date.now()
  for (let index = 0; index < jobs; index += 1) tell(to, index, startedAt)
  let told = 0
  timer = setInterval(() => {
    const now = Date.now()
    const due = Math.floor(((now - startedAt) / everyMs) * jobs)
    // After a standstill each job is told of once at most.
    for (told = Math.max(told, due - jobs); told < due; told += 1) tell(to, told % jobs, now)
  }, TICK_MS)
}

function tell({ store }: Vma, index: number, now: number): void {
  const share = Math.min(0.99, (now - beganAt + (index % 1_000)) / LASTS_MS)
  updates += 1
  const update = {
    stage: 'Transfer',
    status: 'in_progress',
    percent: share * 100,
    bytes_transferred: Math.floor(share * TOTAL_BYTES),
    total_bytes: TOTAL_BYTES,
    throughput_bps: 12_013_439,
    sync_type: 'initial',
  }
  store.update(keyOf(index), update, now)
}
