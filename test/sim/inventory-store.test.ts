import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { inFull, listed } from '../support/contexts.ts'
import { MariaDb } from '../support/mariadb.ts'
import { openInventory } from '../../src/sim/inventory-store.ts'
import { FLEET_DEFAULTS, planFleet } from '../../src/sim/plan.ts'
import type { InventoryStore, NewJob, NewVm } from '../../src/sim/ports.ts'

const vms: readonly NewVm[] = planFleet({ ...FLEET_DEFAULTS, vms: 6 }).map((vm) => ({
  vm,
  contextId: `ctx-${vm.name}`,
}))
const first = vms.find(({ vm }) => vm.disks.length > 1) ?? vms[0]
if (first === undefined) throw new Error('no VM')
const { vm, contextId } = first

function job(jobId: string, parts: Partial<NewJob> = {}): NewJob {
  return { jobId, contextId, vm, kind: 'initial', first: true, ...parts }
}

type Tap = Pick<typeof t, 'teardown'>
interface Opened {
  readonly store: InventoryStore
  readonly database: Database
}

async function open(t: Tap, url: string): Promise<Opened> {
  const database = await openDatabase(url, { zone: 'Europe/London', poolSize: 2 })
  await database.migrate()
  await database.open()
  const store = await openInventory({ url, zone: 'Europe/London' })
  t.teardown(async () => {
    await store.close()
    await database.close()
  })
  return { store, database }
}

async function sqlite(t: Tap): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return open(t, `sqlite:${join(folder, 'oma.db')}`)
}

const server = await MariaDb.start()
t.teardown(() => server.stop())
let databases = 0
const mariadb = async (t: Tap): Promise<Opened> => open(t, await server.database(`inventory_${(databases += 1)}`))

for (const [engine, opened] of [
  ['SQLite', sqlite],
  ['MariaDB', mariadb],
] as const) {
  t.test(`a started job is one that the OMA discovers, with its exports and capacities (${engine})`, async (t) => {
    const { store, database } = await opened(t)
    const before = Date.now()
    await store.addVms(vms)
    t.same(await database.activeJobs(['pending']), [], 'VMs alone are no jobs')
    await store.startJobs([job('job-1')])
    t.same(await database.activeJobs(['pending']), [{ jobId: 'job-1', status: 'pending' }])
    const [target] = await database.targets(['job-1'])
    t.match(target, {
      vmContextId: contextId,
      vmName: vm.name,
      vcenterHost: vm.vcenterHost,
      replicationType: 'initial',
    })
    t.same(
      target?.disks.map(({ diskId, exportName, capacityBytes }) => ({ diskId, exportName, capacityBytes })),
      vm.disks.map(({ diskId, exportName, capacityBytes }) => ({ diskId, exportName, capacityBytes })),
    )
    t.ok(
      target !== undefined && target.createdAt >= before && target.createdAt <= Date.now(),
      'created now, in the zone',
    )
  })

  t.test(`the next job takes the VM’s disk rows along, and the context points at it (${engine})`, async (t) => {
    const { store, database } = await opened(t)
    await store.addVms(vms)
    await store.startJobs([job('job-1')])
    const rows = (await database.targets(['job-1']))[0]?.disks.map((disk) => disk.rowId)
    await store.startJobs([job('job-2', { kind: 'incremental', first: false })])
    const [earlier, later] = await database.targets(['job-1', 'job-2'])
    t.same(earlier?.disks, [])
    t.same(
      later?.disks.map((disk) => disk.rowId),
      rows,
      'the same rows, not new ones',
    )
    t.ok(later?.disks.every((disk) => disk.syncStatus === 'pending' && disk.bytesSynced === 0))
    const [detail] = await inFull(database, vm.name)
    t.match(detail?.context, { current_job_id: 'job-2', current_status: 'replicating', total_jobs_run: 2 })
    t.equal(detail?.current_job?.replication_type, 'incremental')
    t.equal(detail?.disks.length, vm.disks.length)
  })

  t.test(`jobs of one call are written together or not at all (${engine})`, async (t) => {
    const { store, database } = await opened(t)
    await store.addVms(vms)
    const stranger = job('job-2', { contextId: 'ctx-nobody' })
    await t.rejects(store.startJobs([job('job-1'), stranger]))
    t.same(await database.activeJobs(['pending']), [])
    await store.startJobs([job('job-1')])
    t.equal((await database.targets(['job-1']))[0]?.disks.length, vm.disks.length)
  })

  t.test(`a job has ended when its row says so, whatever its clients sent (${engine})`, async (t) => {
    const { store, database } = await opened(t)
    await store.addVms(vms)
    await store.startJobs([job('job-1')])
    const asked = [{ jobId: 'job-1', sent: 'completed' as const }]
    t.same(await store.ended(asked), [])
    const at = Date.now()
    const figures = {
      percent: 40,
      bytes: 4,
      totalBytes: 10,
      speedBps: 0,
      phase: 'Transfer',
      throughputMbps: 0,
      etaSeconds: null,
    }
    const row = {
      jobId: 'job-1',
      status: 'failed' as const,
      currentOperation: 'Transfer',
      ...figures,
      lastPollAt: at,
      updatedAt: at,
      disks: [],
    }
    await database.endJobs([{ row, status: 'failed', vmContextId: contextId, completedAt: at, disks: [] }])
    t.same(await store.ended(asked), [{ jobId: 'job-1', completed: false }])
  })

  t.test(`VMs that are there already are not added twice, nor any other with them (${engine})`, async (t) => {
    const { store, database } = await opened(t)
    await store.addVms(vms.slice(0, 2))
    const again = vms.slice(1, 4).map((entry) => ({ ...entry, contextId: `${entry.contextId}-again` }))
    await t.rejects(store.addVms(again), { message: /the simulated VMs cannot be added, an empty database is best: / })
    t.equal((await listed(database)).length, 2)
  })
}
