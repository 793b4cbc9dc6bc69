/** What `simulate` is asked for happens, and happens again with the same seed: from the options to the updates that are sent. */

import t from 'tap'
import { GIB, MIB } from '../../src/model/units.ts'
import { beginTransfer, isOvertaken, nextUpdate } from '../../src/sim/migratekit.ts'
import { FLEET_DEFAULTS, kindOf, planFleet, planRun, type FleetOptions } from '../../src/sim/plan.ts'

interface Sent {
  readonly status: string
  readonly bytes: number
  readonly at: number
  readonly late: boolean
}

interface Story {
  readonly kind: string
  readonly total: number
  readonly end: string
  readonly sent: readonly Sent[]
}

/** Every disk of every VM's first job, on a clock of its own. */
function stories(options: Partial<FleetOptions>): readonly Story[] {
  const own: FleetOptions = { ...FLEET_DEFAULTS, vms: 60, maxDisks: 1, seed: 11, ...options }
  return planFleet(own).flatMap((vm) =>
    planRun(own, vm, 1, kindOf(own, vm, 1, false)).transfers.map((plan) => {
      const sent: Sent[] = []
      let transfer = beginTransfer(plan, 0)
      while (transfer.end === null) {
        const at = transfer.dueAt
        const step = nextUpdate(transfer, at)
        transfer = step.transfer
        if (step.document === null) continue
        const { status, bytes_transferred: bytes } = step.document
        sent.push({ status, bytes, at, late: isOvertaken(transfer) })
      }
      return { kind: plan.kind, total: plan.totalBytes, end: transfer.end, sent }
    }),
  )
}

/** Longest time without a byte while it moves. */
function standstill({ sent }: Story): number {
  const gains = sent.filter(({ bytes }, i) => bytes > (sent[i - 1]?.bytes ?? 0))
  return gains.reduce((most, { at }, i) => Math.max(most, at - (gains[i - 1]?.at ?? at)), 0)
}

/** Compared as text: the diff of two such would take minutes. */
function textOf(told: readonly Story[]): string {
  return JSON.stringify(told)
}

function count(told: readonly Story[], what: (story: Story) => boolean): number {
  return told.filter(what).length
}

const CASES: readonly {
  readonly name: string
  readonly options: Partial<FleetOptions>
  readonly happens: (story: Story) => boolean
}[] = [
  {
    name: 'failures',
    options: { failureShare: 0.3 },
    happens: ({ end, sent }) => end === 'failed' && sent.at(-1)?.status === 'failed',
  },
  { name: 'stalls', options: { stallShare: 0.3 }, happens: (story) => standstill(story) >= 85_000 },
  {
    name: 'silent deaths',
    options: { deathShare: 0.3 },
    happens: ({ end, sent }) => end === 'died' && sent.at(-1)?.status === 'in_progress',
  },
  { name: 'reordering', options: { reorderShare: 0.02 }, happens: ({ sent }) => sent.some(({ late }) => late) },
  { name: 'incrementals', options: { incrementalShare: 0.3 }, happens: ({ kind }) => kind === 'incremental' },
]

for (const { name, options, happens } of CASES) {
  t.test(`[SIM-1] ${name}: some with a share, none without, and the same ones with the same seed`, async (t) => {
    const told = stories(options)
    const happened = count(told, happens)
    t.ok(happened > 5 && happened < told.length, `${happened} of ${told.length}`)
    t.equal(count(stories({}), happens), 0)
    t.ok(textOf(stories(options)) === textOf(told), 'the same seed tells the same')
    t.ok(textOf(stories({ ...options, seed: 12 })) !== textOf(told), 'another one does not')
  })
}

t.test('[SIM-1] whole shares: every run, every update but the last', async (t) => {
  t.ok(stories({ incrementalShare: 1 }).every(({ kind }) => kind === 'incremental'))
  t.ok(stories({ deathShare: 1 }).every(({ end }) => end === 'died'))
  t.ok(stories({ failureShare: 1 }).every(({ end }) => end === 'failed'))
  t.ok(
    stories({ reorderShare: 1 }).every(({ sent }) => sent.slice(0, -1).every(({ late }) => late) && !sent.at(-1)?.late),
  )
})

t.test('[SIM-1] sizes and rates stay within what was asked for', async (t) => {
  const sizes = [2 * GIB, 3 * GIB] as const
  const rates = [50 * MIB, 60 * MIB] as const
  const options: FleetOptions = { ...FLEET_DEFAULTS, vms: 100, maxDisks: 4, sizes, rates }
  for (const vm of planFleet(options)) {
    const rate = vm.rateBps / options.speedup
    if (rate < rates[0] || rate > rates[1]) t.fail(`${vm.name} carries ${rate}`)
    for (const { totalBytes } of planRun(options, vm, 1, 'initial').transfers)
      if (totalBytes < sizes[0] - 65_536 || totalBytes > sizes[1] + 65_536) t.fail(`${vm.name} moves ${totalBytes}`)
    if (vm.disks.some((disk) => disk.usedBytes > disk.capacityBytes)) t.fail('a disk holds more than its capacity')
  }
  const plain = planFleet(FLEET_DEFAULTS)
  t.same(
    planFleet({ ...FLEET_DEFAULTS, incrementalShare: 0.5, reorderShare: 0.5, failureShare: 0.5 }),
    plain,
    'shares change no VM',
  )
})
