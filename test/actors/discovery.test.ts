import t from 'tap'
import { Discovery, type DiscoveryOptions } from '../../src/actors/discovery.ts'

const INTERVAL_MS = 60_000

function rig(activeJobs: DiscoveryOptions['store']['activeJobs']) {
  let now = 0
  let faults = 0
  const discovery = new Discovery({
    store: { activeJobs, targets: async () => [] },
    supervisor: { jobs: { all: () => [] }, wants: () => false, sweep: () => undefined } as never,
    statuses: ['running'],
    intervalMs: INTERVAL_MS,
    now: () => now,
    monotonic: () => now,
    onRound: () => undefined,
    onFault: () => (faults += 1),
  })
  return { discovery, pass: (ms: number) => (now += ms), faults: () => faults }
}

t.test(
  '[OPS-1] a database that says no is no reason to be restarted; a round that never ends is, after minutes',
  async (t) => {
    const refusing = rig(async () => await Promise.reject(new Error('gone')))
    t.equal(refusing.discovery.isStuck, false, 'before it is started')
    refusing.discovery.start()
    for (let minute = 0; minute < 30; minute += 1) {
      await refusing.discovery.runNow()
      refusing.pass(INTERVAL_MS)
      t.equal(refusing.discovery.isStuck, false)
    }
    t.equal(refusing.faults(), 30)
    await refusing.discovery.close()

    const { promise, resolve } = Promise.withResolvers<never[]>()
    const hanging = rig(async () => await promise)
    hanging.discovery.start()
    hanging.pass(20 * INTERVAL_MS)
    t.equal(hanging.discovery.isStuck, false)
    hanging.pass(1)
    t.equal(hanging.discovery.isStuck, true)
    resolve([])
    await hanging.discovery.close()
  },
)
