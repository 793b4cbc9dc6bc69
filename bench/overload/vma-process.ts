/**
 * A real VMA whose fleet reports as migratekits do, each disk every five seconds: told to its store from within, so that
 * what the fleet costs is not what is measured.
 */

import { startVma, type Vma } from '../../src/compose-vma.ts'
import { GIB } from '../../src/model/units.ts'
import { keyOf } from '../intake/traffic.ts'
import { obey } from '../support/parent.ts'

const TOTAL_BYTES = 40 * GIB
const REPORT_MS = 5_000
const TICK_MS = 50
/** Each transfer takes as long as any bench. */
const LASTS_MS = 3_600_000

obey(async ({ jobs }: { readonly jobs: number }) => {
  const tools = { clock: { now: Date.now }, onFault: (error: unknown) => console.error(error) }
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [] }, tools)
  report(vma, jobs)
  return `http://127.0.0.1:${vma.port}`
})

function report({ store }: Vma, jobs: number): void {
  const startedAt = Date.now()
  const tell = (index: number, now: number): void => {
    const share = Math.min(0.99, (now - startedAt + (index % 1_000)) / LASTS_MS)
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
  for (let index = 0; index < jobs; index += 1) tell(index, startedAt)
  let told = 0
  setInterval(() => {
    const now = Date.now()
    const due = Math.floor(((now - startedAt) / REPORT_MS) * jobs)
    // After a standstill each job is told of once at most.
    for (told = Math.max(told, due - jobs); told < due; told += 1) tell(told % jobs, now)
  }, TICK_MS)
}
