import t from 'tap'
import { FLEET_DEFAULTS, planFleet, planRun, planVm, type RunPlan } from '../../src/sim/plan.ts'

const options = { ...FLEET_DEFAULTS, seed: 42, vms: 200 }

t.test('the same seed gives the same fleet, another seed another one', async (t) => {
  t.same(planFleet(options), planFleet(options))
  t.notSame(planFleet(options)[0]?.disks, planFleet({ ...options, seed: 43 })[0]?.disks)
})

t.test('a VM’s plan does not depend on how many others there are', async (t) => {
  t.same(planFleet({ ...options, vms: 5 })[3], planFleet(options)[3])
})

t.test('names, volumes and disks are those of a fleet', async (t) => {
  const vms = planFleet(options)
  t.equal(new Set(vms.map((vm) => vm.name)).size, vms.length, 'names are unique')
  t.equal(vms[0]?.name, 'pgtest1')
  const disks = vms.flatMap((vm) => vm.disks)
  t.equal(new Set(disks.map((disk) => disk.volumeId)).size, disks.length, 'volumes are unique')
  t.same([...new Set(vms.map((vm) => vm.disks.length))].sort(), [1, 2, 3])
  for (const disk of disks) {
    if (!/^disk-200\d$/.test(disk.diskId) || disk.exportName !== `migration-vol-${disk.volumeId}`) t.fail(disk.diskId)
    if (!(disk.usedBytes > 0 && disk.usedBytes <= disk.capacityBytes)) t.fail('a disk holds more than its capacity')
    if (!disk.thin && disk.usedBytes !== disk.capacityBytes) t.fail('a thick disk is read whole')
  }
  t.ok(
    vms.every((vm) => !vm.keyedByJob || vm.disks.length === 1),
    'only single disks report under the job id',
  )
  t.ok(vms.some((vm) => vm.keyedByJob) && vms.some((vm) => vm.oldClient) && vms.some((vm) => !vm.oldClient))
})

t.test('the speed-up scales rates and times, and changes nothing else of a run', async (t) => {
  const slow = { ...options, speedup: 1 }
  const fast = { ...options, speedup: 10 }
  const slowVm = planVm(slow, 5)
  const fastVm = planVm(fast, 5)
  t.same(fastVm.disks, slowVm.disks)
  const [slowRun, fastRun] = [planRun(slow, slowVm, 1, 'initial'), planRun(fast, fastVm, 1, 'initial')]
  near(t, fastRun.transfers[0]?.rateBps, 10 * (slowRun.transfers[0]?.rateBps ?? 0))
  near(t, fastRun.transfers[0]?.setupMs[0], (slowRun.transfers[0]?.setupMs[0] ?? 0) / 10)
  t.equal(fastRun.transfers[0]?.totalBytes, slowRun.transfers[0]?.totalBytes)
})

t.test('at the default speed-up a disk’s full sync takes between 5 s and 10 min', async (t) => {
  for (const vm of planFleet(FLEET_DEFAULTS)) {
    for (const transfer of planRun(FLEET_DEFAULTS, vm, 1, 'initial').transfers) {
      const seconds = transfer.totalBytes / transfer.rateBps
      if (!vm.disks.every((disk) => disk.thin)) continue
      if (seconds < 5 || seconds > 600) t.fail(`${vm.name}: ${seconds} s`)
    }
  }
})

t.test('an incremental moves a part of the disk, sometimes nothing; a full one all that is used', async (t) => {
  const vms = planFleet(options)
  let untouched = 0
  for (const vm of vms) {
    const [full, incremental] = [planRun(options, vm, 1, 'initial'), planRun(options, vm, 2, 'incremental')]
    vm.disks.forEach((disk, at) => {
      const [whole, part] = [full.transfers[at], incremental.transfers[at]]
      if (whole?.totalBytes !== disk.usedBytes) t.fail('a full sync moves what is used')
      if (part === undefined || part.totalBytes > disk.usedBytes * 0.3 + 65_536) t.fail('an incremental moves a part')
      if (part?.totalBytes === 0) untouched += 1
    })
  }
  t.ok(untouched > 0)
})

t.test('faults come in the shares asked for, and by default not at all', async (t) => {
  const runsOf = (shares: Partial<typeof options>): readonly RunPlan[] => {
    const own = { ...options, vms: 1_000, ...shares }
    return planFleet(own).map((vm) => planRun(own, vm, 1, 'initial'))
  }
  const fates = (runs: readonly RunPlan[], type: string): number =>
    runs.filter((run) => run.transfers.some((transfer) => transfer.fate.type === type)).length
  const stalls = (runs: readonly RunPlan[]): number =>
    runs.filter((run) => run.transfers.some((transfer) => transfer.spells.some((spell) => spell.factor === 0))).length
  const plain = runsOf({})
  t.same([fates(plain, 'fails'), fates(plain, 'dies'), stalls(plain)], [0, 0, 0])
  const faulty = runsOf({ failureShare: 0.2, deathShare: 0.1, stallShare: 0.3 })
  for (const [count, expected] of [
    [fates(faulty, 'fails'), 200],
    [fates(faulty, 'dies'), 100],
    [stalls(faulty), 300],
  ] as const) {
    t.ok(Math.abs(count - expected) < 60, `about ${expected} of 1000, not ${count}`)
  }
  t.ok(faulty.every((run) => run.transfers.filter((transfer) => transfer.fate.type !== 'completes').length <= 1))
})

t.test('old clients have no boot id', async (t) => {
  for (const vm of planFleet(options)) {
    const sends = planRun(options, vm, 1, 'initial').transfers.every((transfer) => transfer.bootId !== undefined)
    if (sends === vm.oldClient) t.fail(vm.name)
  }
})

function near(t: { ok(value: unknown, message: string): unknown }, found: number | undefined, wanted: number): void {
  t.ok(found !== undefined && Math.abs(found - wanted) <= Math.abs(wanted) * 1e-9, `${found} is about ${wanted}`)
}
