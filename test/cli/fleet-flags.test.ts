import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readFleetFlags } from '../../src/cli/fleet-flags.ts'
import { readKeys, vmsWithKeys } from '../../src/cli/simulate.ts'
import { FLEET_DEFAULTS } from '../../src/sim/plan.ts'

t.test('flags say what the fleet is; what is not given keeps its default', async (t) => {
  t.same(readFleetFlags({}), { value: { fleet: FLEET_DEFAULTS, forMs: null, intervalMs: null } })
  t.match(readFleetFlags({ jobs: '5', disks: '2', seed: '9', speedup: '2.5', for: '1m30s', interval: '500ms' }), {
    value: { fleet: { vms: 5, maxDisks: 2, seed: 9, speedup: 2.5 }, forMs: 90_000, intervalMs: 500 },
  })
})

t.test('every fault of the flags is told at once', async (t) => {
  t.same(readFleetFlags({ jobs: '0', disks: 'many', speedup: '-1', for: '30' }), {
    problems: [
      '--jobs must be 1 to 20000',
      '--disks is not a whole number',
      '--speedup is not a number',
      '--for is not a duration: write a number with its unit, as 500ms, 5s, 5m or 24h',
    ],
  })
})

t.test('[SIM-1] sizes, rates and shares are read, with units and percents', async (t) => {
  const read = readFleetFlags({
    sizes: '64KiB-1.5GiB',
    rates: '10MiB',
    incrementalShare: '1',
    failureShare: '5%',
    stallShare: '0.25',
    deathShare: '12.5%',
    reorderShare: '0',
  })
  t.match(read, {
    value: {
      fleet: {
        sizes: [65_536, 1_610_612_736],
        rates: [10_485_760, 10_485_760],
        incrementalShare: 1,
        failureShare: 0.05,
        stallShare: 0.25,
        deathShare: 0.125,
        reorderShare: 0,
      },
    },
  })
  t.match(readFleetFlags({}, { ...FLEET_DEFAULTS, stallShare: 0.5 }), { value: { fleet: { stallShare: 0.5 } } })
  t.same(
    readFleetFlags({ sizes: '2GiB-1GiB', rates: 'fast', failureShare: '60%', deathShare: '0.5', stallShare: '1.1' }),
    {
      problems: [
        '--sizes begins above its end',
        '--rates is no range of bytes: write it as 1GiB-200GiB, with B, KiB, MiB, GiB or TiB',
        '--stall-share must be 0 to 1, or 0% to 100%',
        '--failure-share and --death-share are more than all jobs together',
      ],
    },
  )
  t.match(readFleetFlags({ sizes: '1B-2B', rates: '1GiB-2GiB-3GiB', reorderShare: '-1' }), {
    problems: [/^--sizes must be 64KiB to 1024TiB/, /^--rates is no range/, /^--reorder-share is not a share/],
  })
})

t.test('keys come from the command line or a file, each for one disk', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'keys')
  writeFileSync(file, '# two\nmigration-vol-a\r\n\n migration-vol-b \n')
  t.same(readKeys(undefined), { value: undefined })
  t.same(readKeys('a, b'), { value: ['a', 'b'] })
  t.same(readKeys(`@${file}`), { value: ['migration-vol-a', 'migration-vol-b'] })
  t.match(readKeys(`@${file}.missing`), { problem: /^--keys cannot be read/ })
  t.match(readKeys(' , '), { problem: /names no key/ })
  t.match(readKeys('a,a'), { problem: /twice/ })
  t.same(
    vmsWithKeys(FLEET_DEFAULTS, ['a', 'b']).map((vm) => [vm.keyedByJob, ...vm.disks.map((disk) => disk.exportName)]),
    [
      [false, 'a'],
      [false, 'b'],
    ],
  )
})
