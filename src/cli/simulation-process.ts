/**
 * Entry of the simulation process: the VMA service, the fleet and the inventory, away from the OMA's event loop. It is
 * told what to do over IPC and ends with whoever started it: a closed channel means that nobody is there any more.
 */

import { startVma, type Vma } from '../compose-vma.ts'
import { Campaign } from '../sim/campaign.ts'
import { Fleet, FLEET_SETTINGS } from '../sim/fleet.ts'
import { openInventory } from '../sim/inventory-store.ts'
import type { FromSimulation, ToSimulation } from './simulation-messages.ts'
import { planFleet } from '../sim/plan.ts'
import type { InventoryStore } from '../sim/ports.ts'
import { Random } from '../sim/random.ts'

type Begin = Extract<ToSimulation, { type: 'begin' }>

class Simulation {
  #vma: Vma | undefined
  #store: InventoryStore | undefined
  #fleet: Fleet | undefined
  #campaign: Campaign | undefined
  #stopping = false

  async serve(host: string, port: number): Promise<void> {
    const onFault = (error: unknown): void => tell({ type: 'trouble', message: `VMA: ${textOf(error)}` })
    this.#vma = await startVma({ host, port, tokens: [] }, { clock: { now: Date.now }, onFault })
    tell({ type: 'serving', port: this.#vma.port })
  }

  async begin({ database, fleet: options }: Begin): Promise<void> {
    if (this.#vma === undefined) throw new Error('serve comes before begin')
    // Job ids must differ from those of an earlier demo on the same database: they are not drawn from the seed.
    const random = new Random(Date.now())
    const store = (this.#store = await openInventory(database))
    const fleet = (this.#fleet = new Fleet({ ...FLEET_SETTINGS, url: `http://127.0.0.1:${this.#vma.port}` }))
    let told = false
    this.#campaign = new Campaign({
      options,
      vms: planFleet(options),
      fleet,
      store,
      random,
      onTrouble: (error) => tell({ type: 'trouble', message: textOf(error) }),
      onStarted: ({ jobId, vm }, key) => {
        if (!told) tell({ type: 'running', sample: { jobId, vmName: vm.name, key } })
        told = true
      },
    })
    await this.#campaign.start()
  }

  /** Ends everything in the reverse order of its start, tells what was done, and leaves. */
  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    await this.#campaign?.close()
    await this.#fleet?.close()
    await this.#store?.close()
    await this.#vma?.close(1_000)
    if (this.#fleet !== undefined && this.#campaign !== undefined) {
      tell({ type: 'stopped', fleet: this.#fleet.stats(), campaign: this.#campaign.stats() })
    }
    if (process.connected) process.disconnect()
  }
}

function tell(message: FromSimulation): void {
  if (process.connected) process.send?.(message)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function obey(simulation: Simulation, message: ToSimulation): Promise<void> {
  switch (message.type) {
    case 'serve':
      return simulation.serve(message.host, message.port)
    case 'begin':
      return simulation.begin(message)
    case 'stop':
      return simulation.stop()
  }
}

const simulation = new Simulation()
const leave = (): void => {
  void simulation.stop().finally(() => process.exit())
}
process.on('message', (message: ToSimulation) => {
  obey(simulation, message).catch((error: unknown) => {
    tell({ type: 'fault', message: textOf(error) })
    leave()
  })
})
process.on('disconnect', leave)
process.on('SIGTERM', leave)
// Ctrl-C reaches the whole group; the one in front decides and tells us.
process.on('SIGINT', () => undefined)
