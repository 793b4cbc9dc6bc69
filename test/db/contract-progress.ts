/** Progress rows (DB-1, DB-2): what they set, what they leave, and values that a column does not take as they are. */

import type { Test } from 'tap'
import { addJobs } from '../support/inventory.ts'
import { NOW, row } from '../support/rows.ts'
import { CONTEXT, Rig, type Kind } from './rig.ts'

export function progressContract(t: Test, kind: Kind): void {
  const { name } = kind
  t.test(`[DB-2] ${name}: a progress row and its disk, in the database's wall clock`, async (t) => {
    const rig = await Rig.open(t, kind)
    t.same(
      await rig.database.writeProgress([row({ syncType: 'full', replicationType: 'initial', startedAt: NOW - 5_000 })]),
      { jobs: 1, disks: 1 },
    )
    t.match(
      await rig.job(),
      rig.standing('replication_jobs', {
        status: 'replicating',
        progress_percent: 2.17,
        bytes_transferred: 933232640,
        total_bytes: 42949672960,
        current_operation: 'Transfer',
        vma_sync_type: 'full',
        updated_at: '2025-09-09 12:12:08.204',
        started_at: '2025-09-09 12:12:03.204',
      }),
    )
    t.match(await rig.disk(), { sync_status: 'syncing', sync_progress_percent: 2.17, bytes_synced: 933232640 })
  })

  t.test(`[DB-2] ${name}: an ETA that is not known is null, and 0 where the column takes no null`, async (t) => {
    const rig = await Rig.open(t, kind)
    await rig.database.writeProgress([row({ etaSeconds: 77 })])
    t.equal((await rig.job())['vma_eta_seconds'], 77)
    t.equal((await rig.database.writeProgress([row({ etaSeconds: null })])).jobs, 1)
    const nullable = name.includes('lean') ? 0 : null
    t.equal((await rig.job())['vma_eta_seconds'], nullable)
  })

  t.test(`[DB-2] ${name}: absent fields leave their columns, started_at is set once, '' clears`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database } = rig
    await database.writeProgress([row({ syncType: 'full', startedAt: NOW, errorMessage: 'was "wrong" \\ é' })])
    await database.writeProgress([row({ startedAt: NOW + 60_000 })])
    t.match(
      await rig.job(),
      rig.standing('replication_jobs', {
        vma_sync_type: 'full',
        started_at: '2025-09-09 12:12:08.204',
        error_message: 'was "wrong" \\ é',
      }),
    )
    await database.writeProgress([row({ errorMessage: '' })])
    t.equal((await rig.job())['error_message'], '')
  })

  t.test(`[DB-6] ${name}: words that a column can't hold or spell are cut and respelled, never refused`, async (t) => {
    const rig = await Rig.open(t, kind)
    const long = 'x'.repeat(100_000)
    const said = row({
      currentOperation: `Transfer ${long}`,
      phase: `${'p'.repeat(99)}😀${long}`,
      syncType: long,
      errorMessage: `half \ud83d, whole 😀, ß ${long}`,
      errorClassification: long,
      errorDetails: long,
    })
    t.equal((await rig.database.writeProgress([said])).jobs, 1)
    const job = await rig.job()
    t.match(job['current_operation'], /^Transfer x+$/)
    t.match(
      job['error_message'],
      name.includes('lean') ? /^half \?, whole \?\??, ß xx/ : /^half \ufffd, whole 😀, ß xx/,
    )
    t.match(job['vma_current_phase'], /^p{99}/)
  })

  t.test(`[STAT-3] ${name}: no progress is written over another writer's end`, async (t) => {
    const rig = await Rig.open(t, kind)
    for (const status of ['completed', 'failed', 'cancelled']) {
      await rig.on.run('update replication_jobs set status = ?, progress_percent = 7', [status])
      t.equal((await rig.database.writeProgress([row()])).jobs, 0, status)
      t.match(await rig.job(), { status, progress_percent: 7 })
    }
  })

  t.test(`[DB-1] ${name}: 700 rows in one call, each its own`, async (t) => {
    const rig = await Rig.open(t, kind)
    const { database, on } = rig
    await addJobs(
      on,
      Array.from({ length: 700 }, (_, i) => ({ id: `job-${i}`, context: CONTEXT })),
    )
    const rows = Array.from({ length: 700 }, (_, i) => row({ jobId: `job-${i}`, bytes: i, disks: [] }))
    t.equal((await database.writeProgress(rows)).jobs, 700)
    const { n, s } = await rig.one(
      `select count(*) as n, sum(bytes_transferred) as s from replication_jobs where current_operation = 'Transfer'`,
    )
    t.same([n, Number(s)], [700, (699 * 700) / 2])
    t.equal((await rig.job('job-677'))['bytes_transferred'], 677)
  })
}
