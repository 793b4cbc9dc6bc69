/** `sightline simulate`: the fleet alone, against any VMA, without a database. A job is over when its clients are. */

import { readFileSync } from 'node:fs'
import { readNamed } from '../../config/files.ts'
import type { Settings } from '../../config/schema.ts'
import { Campaign } from '../sim/campaign.ts'
import { Fleet, FLEET_SETTINGS } from '../sim/fleet.ts'
import { planFleet, type FleetOptions, type VmPlan } from '../sim/plan.ts'
import { clientsOnly } from '../sim/ports.ts'
import { Random } from '../sim/random.ts'
import type { CommandOptions } from './commands.ts'
import { readFleetFlags } from './fleet-flags.ts'
import { timeOfDay } from './plain.ts'
import { readTokenFlags } from './remote/connection.ts'
import { stopSignal } from './stop-signal.ts'
import { tellProblems } from './usage.ts'

const SUMMARY_MS = 5_000
const FORCED_EXIT = 130

export async function run(settings: Settings, { flags }: CommandOptions): Promise<number> {
  const read = readFleetFlags(flags)
  const url = vmaUrl(flags['vma'], settings)
  const keys = readKeys(flags['keys'])
  const token = readTokenFlags(flags, readNamed)
  const problems = [...('problems' in read ? read.problems : []), ...[url, keys, token].flatMap(problemsOf)]
  if ('problems' in read || 'problem' in url || 'problem' in keys || 'problem' in token) return tellProblems(problems)
  const { fleet: options, forMs } = read.value
  const vms = keys.value === undefined ? planFleet(options) : vmsWithKeys(options, keys.value)
  await simulate({ url: url.value, token: token.value, options, vms, forMs })
  return 0
}

interface Order {
  readonly url: string
  readonly token: string | undefined
  readonly options: FleetOptions
  readonly vms: readonly VmPlan[]
  readonly forMs: number | null
}

async function simulate({ url, token, options, vms, forMs }: Order): Promise<void> {
  const signal = stopSignal(() => process.exit(FORCED_EXIT))
  const random = new Random(Date.now())
  const fleet = new Fleet({ ...FLEET_SETTINGS, url, token })
  const onTrouble = (error: unknown): void => say(`trouble: ${error instanceof Error ? error.message : String(error)}`)
  const campaign = new Campaign({ options, vms, fleet, store: clientsOnly, random, onTrouble })
  const disks = vms.reduce((sum, vm) => sum + vm.disks.length, 0)
  say(`${vms.length} VMs with ${disks} disks report to ${url}; Ctrl-C ends it`)
  await campaign.start()
  let before = 0
  const lines = setInterval(() => {
    const total = sentBy(fleet)
    say(summary(fleet, campaign, `${((total - before) / (SUMMARY_MS / 1_000)).toFixed(1)} updates/s`))
    before = total
  }, SUMMARY_MS)
  const ending = forMs === null ? undefined : setTimeout(() => signal.stop(), forMs)
  try {
    await signal.stopped
  } finally {
    clearInterval(lines)
    clearTimeout(ending)
    await campaign.close()
    await fleet.close()
    signal.close()
  }
  say(summary(fleet, campaign, `${sentBy(fleet)} updates in all`))
}

function say(text: string): void {
  process.stdout.write(`${timeOfDay(Date.now())}  ${text}\n`)
}

function sentBy(fleet: Fleet): number {
  const { accepted, refused, unanswered } = fleet.stats()
  return accepted + refused + unanswered
}

function summary(fleet: Fleet, campaign: Campaign, rate: string): string {
  const { refused, unanswered, lastTrouble } = fleet.stats()
  const { running, completed, failed } = campaign.stats()
  const counts = `${running} running  ${completed} done  ${failed} failed  ${rate}  ${refused} refused  ${unanswered} unanswered`
  return lastTrouble === null ? counts : `${counts}  last: ${lastTrouble}`
}

type Read<T> = { readonly value: T } | { readonly problem: string }

function problemsOf(read: Read<unknown>): readonly string[] {
  return 'problem' in read ? [read.problem] : []
}

/** migratekit runs beside the VMA, so the default is the VMA service of this machine and not the tunnel's end. */
function vmaUrl(flag: string | boolean | undefined, settings: Settings): Read<string> {
  if (typeof flag !== 'string') return { value: `http://127.0.0.1:${settings.vmaHttpPort}` }
  const url = URL.canParse(flag) ? new URL(flag) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return { problem: '--vma is no http or https URL' }
  if (url.pathname !== '/' || url.search !== '')
    return { problem: '--vma must be an origin, as http://host:8081, without a path' }
  return { value: url.origin }
}

/** Keys with commas, or `@FILE` with one a line; lines that start with # are comments. */
export function readKeys(flag: string | boolean | undefined): Read<readonly string[] | undefined> {
  if (typeof flag !== 'string') return { value: undefined }
  const text = flag.startsWith('@') ? readText(flag.slice(1)) : { value: flag }
  if ('problem' in text) return text
  const keys = text.value.split(flag.startsWith('@') ? /\r?\n/ : ',').map((key) => key.trim())
  const wanted = keys.filter((key) => key !== '' && !key.startsWith('#'))
  if (wanted.length === 0) return { problem: '--keys names no key' }
  if (new Set(wanted).size < wanted.length)
    return { problem: '--keys names a key twice: two clients would report under it' }
  return { value: wanted }
}

function readText(path: string): Read<string> {
  try {
    return { value: readFileSync(path, 'utf8') }
  } catch (error) {
    return { problem: `--keys cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** One VM with one disk for each key. */
export function vmsWithKeys(options: FleetOptions, keys: readonly string[]): readonly VmPlan[] {
  const vms = planFleet({ ...options, vms: keys.length, maxDisks: 1 })
  return vms.map((vm, at) => ({
    ...vm,
    keyedByJob: false,
    disks: vm.disks.map((disk) => ({ ...disk, exportName: keys[at] ?? disk.exportName })),
  }))
}
