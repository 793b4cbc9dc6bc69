/**
 * `sightline demo`: the whole way on one machine. A simulation process holds the VMA, the fleet and the GUI's part; the
 * OMA and the table run here, so that the figures shown are the OMA's own. What `npm start` runs.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import type { Settings } from '../../config/schema.ts'
import { oneRunToken, startOma, type Oma } from '../compose-oma.ts'
import { FLEET_DEFAULTS, type FleetOptions } from '../sim/plan.ts'
import { serviceLog } from '../telemetry/log.ts'
import { bannerLines } from './banner.ts'
import type { CommandOptions } from './commands.ts'
import { demoSettings, type DemoSettings } from './demo-settings.ts'
import { canDraw, liveDisplay, plainDisplay, type Display } from './display.ts'
import { closingLines, type Figures } from './figures.ts'
import { readFleetFlags, type FleetFlags } from './fleet-flags.ts'
import type { SampleJob } from './simulation-messages.ts'
import { Simulation, type Stopped } from './simulation.ts'
import { stopSignal, type StopSignal } from './stop-signal.ts'
import { openWorkspace, type Workspace } from './workspace.ts'
import { tellProblems } from './usage.ts'

/** Shares of runs that are worth seeing in a short demo. */
const DEMO_FLEET: FleetOptions = { ...FLEET_DEFAULTS, failureShare: 0.03, stallShare: 0.03 }
/** As a shell tells of a process that Ctrl-C ended. */
const FORCED_EXIT = 130

interface Order {
  readonly flags: FleetFlags
  readonly plain: boolean
  readonly demo: DemoSettings
  readonly workspace: Workspace
}

export async function run(settings: Settings, options: CommandOptions): Promise<number> {
  const read = readFleetFlags(options.flags, DEMO_FLEET)
  if ('problems' in read) return tellProblems(read.problems)
  const { keep, plain } = options.flags
  let workspace: Workspace | undefined
  const signal = stopSignal(() => {
    workspace?.close()
    process.exit(FORCED_EXIT)
  })
  try {
    workspace = openWorkspace(typeof keep === 'string' ? keep : undefined)
    const file = join(workspace.folder, 'sightline.db')
    if (workspace.kept && existsSync(file)) {
      return tellProblems([`${file} is there already: a demo starts on an empty database; choose another folder`])
    }
    const demo = await demoSettings(settings, options.origins, {
      file,
      token: oneRunToken(),
      intervalMs: read.value.intervalMs,
    })
    if ('problems' in demo) return tellProblems(demo.problems)
    return await present({ flags: read.value, plain: plain === true, demo, workspace }, signal)
  } finally {
    signal.close()
    workspace?.close()
  }
}

/** Everything that was started is ended again, in the reverse order, whatever happens in between. */
async function present(order: Order, signal: StopSignal): Promise<number> {
  const stage = new Stage(order, signal)
  try {
    const display = await Promise.race([stage.start(), signal.stopped])
    if (display !== undefined) await waitForEnd(order.flags.forMs, signal)
  } finally {
    await stage.close()
  }
  return stage.report()
}

async function waitForEnd(forMs: number | null, signal: StopSignal): Promise<void> {
  const timer = forMs === null ? undefined : setTimeout(() => signal.stop(), forMs)
  await signal.stopped
  clearTimeout(timer)
}

class Stage {
  readonly #order: Order
  readonly #simulation: Simulation
  readonly #destination: ReturnType<typeof pino.destination>
  #oma: Oma | undefined
  #display: Display | undefined
  #starting: Promise<unknown> | undefined
  #early: string[] = []
  #figures: Figures | undefined
  #stopped: Stopped | undefined
  #lost: string | undefined
  #closing = false

  constructor(order: Order, signal: StopSignal) {
    this.#order = order
    this.#destination = pino.destination({ dest: join(order.workspace.folder, 'sightline.log'), sync: false })
    this.#simulation = new Simulation({
      onTrouble: (message) => this.#note(`simulation: ${message}`),
      onLost: (reason) => {
        this.#lost = reason
        signal.stop()
      },
    })
  }

  start(): Promise<Display | undefined> {
    const starting = this.#start()
    this.#starting = starting
    return starting
  }

  async #start(): Promise<Display | undefined> {
    const { demo, flags } = this.#order
    const vmaPort = await this.#simulation.serve('127.0.0.1', demo.vmaPort)
    if (this.#closing) return undefined
    const vmaUrl = `http://127.0.0.1:${vmaPort}`
    const settings = { ...demo.settings, vmas: [{ name: 'demo', url: vmaUrl }] }
    const { logLevel: level, logRepeatLimit: repeatLimit } = settings
    const logs = serviceLog({ level, format: 'json', service: 'oma', repeatLimit }, this.#destination)
    const oma = await startOma(settings, { log: logs.log, serviceLog: logs, migrate: true })
    this.#oma = oma
    if (this.#closing) return undefined
    // The fleet's rows need the tables now, whoever creates them first.
    await oma.database.migrate()
    const sample = await this.#simulation.begin({ database: demo.databaseAddress, fleet: flags.fleet })
    if (this.#closing) return undefined
    // As a GUI that calls start-polling: without it the first row would wait for the next regular round.
    void oma.runtime.discoverNow()
    const display = this.#open(oma, vmaUrl, sample)
    for (const text of this.#early) display.note(text)
    this.#display = display
    return display
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#figures = this.#display?.close()
    this.#stopped = await this.#simulation.stop()
    // A start that was interrupted comes to its end first: it may have opened the OMA meanwhile.
    await this.#starting?.catch(() => undefined)
    await this.#oma?.close()
    await new Promise<void>((resolve) => {
      this.#destination.once('close', resolve)
      this.#destination.end()
    })
  }

  /** The end in a few lines, and the exit code. */
  report(): number {
    const { workspace } = this.#order
    const lines = this.#figures === undefined ? [] : ['', ...closingLines(this.#figures)]
    if (this.#stopped !== undefined)
      lines.push(`updates sent     ${this.#stopped.fleet.accepted} (${lost(this.#stopped)} lost)`)
    lines.push(workspace.kept ? `kept in ${workspace.folder}` : `${workspace.folder} is removed`)
    process.stdout.write(`${lines.join('\n')}\n`)
    if (this.#lost === undefined) return 0
    process.stderr.write(`sightline: the simulation ended: ${this.#lost}\n`)
    return 1
  }

  #note(text: string): void {
    if (this.#display === undefined) this.#early.push(text)
    else this.#display.note(text)
  }

  #open(oma: Oma, vmaUrl: string, sample: SampleJob): Display {
    const { demo, workspace, plain } = this.#order
    const banner = bannerLines({
      vmaUrl,
      omaUrl: oma.url,
      token: demo.token,
      folder: workspace.folder,
      kept: workspace.kept,
      database: demo.databaseShown,
      notes: demo.notes,
      sample,
    })
    if (!plain && canDraw(process.stdout, process.env)) return liveDisplay(oma, process.stdout, banner)
    return plainDisplay(oma, (line) => process.stdout.write(`${line}\n`), banner)
  }
}

function lost({ fleet }: Stopped): number {
  return fleet.refused + fleet.unanswered
}
