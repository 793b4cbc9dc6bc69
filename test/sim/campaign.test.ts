import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Campaign } from '../../src/sim/campaign.ts'
import { Fleet, FLEET_SETTINGS } from '../../src/sim/fleet.ts'
import { FLEET_DEFAULTS, planFleet, type FleetOptions } from '../../src/sim/plan.ts'
import { clientsOnly, type InventoryStore, type NewJob } from '../../src/sim/ports.ts'
import { Random } from '../../src/sim/random.ts'

type Tap = Pick<typeof t, 'teardown'>

interface Stage {
  readonly campaign: Campaign
  readonly keys: Set<string>
  readonly troubles: unknown[]
}

async function stage(t: Tap, options: FleetOptions, store: InventoryStore): Promise<Stage> {
  const keys = new Set<string>()
  const server = createServer((request, response) => {
    keys.add(decodeURIComponent((request.url ?? '').split('/')[4] ?? ''))
    request.resume().on('end', () => response.end('{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const random = new Random(1)
  const fleet = new Fleet({ ...FLEET_SETTINGS, url })
  const troubles: unknown[] = []
  const onTrouble = (error: unknown): void => {
    troubles.push(error)
  }
  const campaign = new Campaign({ options, vms: planFleet(options), fleet, store, random, onTrouble })
  t.teardown(async () => {
    await campaign.close()
    await fleet.close()
    server.closeAllConnections()
    server.close()
  })
  return { campaign, keys, troubles }
}

/** So fast that a disk moves in a few reports. */
const FAST: FleetOptions = { ...FLEET_DEFAULTS, seed: 7, vms: 6, speedup: 4_000 }

/** Notes the jobs and goes on once `enough` of them have begun. */
function recording(enough: number, base: InventoryStore = clientsOnly) {
  const jobs: NewJob[] = []
  let done = (): void => undefined
  const reached = new Promise<void>((resolve) => (done = resolve))
  const startJobs = async (started: readonly NewJob[]): Promise<void> => {
    await base.startJobs(started)
    jobs.push(...started)
    if (jobs.length >= enough) done()
  }
  return { jobs, reached, store: { ...base, startJobs } }
}

t.test('each VM has a full sync and then incrementals, each a job of its own, under the same exports', async (t) => {
  const { jobs, reached, store } = recording(18)
  const { campaign, keys, troubles } = await stage(t, FAST, store)
  await campaign.start()
  await reached
  const byVm = Map.groupBy(jobs, (job) => job.contextId)
  t.equal(byVm.size, 6)
  for (const own of byVm.values()) {
    t.same(
      own.map((job) => job.kind),
      own.map((_, n) => (n === 0 ? 'initial' : 'incremental')),
    )
    t.same(
      own.map((job) => job.first),
      own.map((_, n) => n === 0),
    )
  }
  t.equal(new Set(jobs.map((job) => job.jobId)).size, jobs.length)
  for (const job of jobs) t.match(job.jobId, /^job-\d{8}-\d{6}\.\d{3}-[0-9a-f]{7}$/)
  const exports = new Set(jobs.flatMap((job) => job.vm.disks.map((disk) => disk.exportName)))
  const ids = new Set(jobs.map((job) => job.jobId))
  t.ok([...keys].every((key) => exports.has(key) || ids.has(key)))
  t.same(troubles, [])
})

t.test('after a failed full sync comes another full one', async (t) => {
  const { jobs, reached, store } = recording(12)
  const { campaign } = await stage(t, { ...FAST, failureShare: 1 }, store)
  await campaign.start()
  await reached
  t.ok(jobs.every((job) => job.kind === 'initial'))
  t.ok(campaign.stats().failed >= 6)
  t.equal(campaign.stats().completed, 0)
})

t.test('a database that is away for a round costs that round only: no job runs that has no row', async (t) => {
  let away = 2
  const flaky: InventoryStore = {
    ...clientsOnly,
    startJobs: () => (away-- > 0 ? Promise.reject(new Error('database is locked')) : Promise.resolve()),
  }
  const { jobs, reached, store } = recording(6, flaky)
  const { campaign, keys, troubles } = await stage(t, FAST, store)
  await campaign.start()
  await reached
  t.equal(troubles.length, 2)
  t.equal(new Set(jobs.map((job) => job.jobId)).size, jobs.length)
  const exports = new Set(jobs.flatMap((job) => [job.jobId, ...job.vm.disks.map((disk) => disk.exportName)]))
  t.ok([...keys].every((key) => exports.has(key)))
})
