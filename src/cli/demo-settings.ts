/** The settings that the demo runs the OMA with: the person's own, but free ports, a database of its own, and a token. */

import type { Origins } from '../../config/load.ts'
import { showSetting, type Settings } from '../../config/schema.ts'
import type { DatabaseAddress } from '../sim/inventory-store.ts'
import { databaseUrl } from '../database-url.ts'
import { isPortFree } from './free-port.ts'

export interface DemoSettings {
  /** Without the VMAs: their port is known later. */
  readonly settings: Settings
  readonly vmaPort: number
  readonly token: string
  readonly databaseAddress: DatabaseAddress
  /** Without its password. */
  readonly databaseShown: string
  readonly notes: readonly string[]
}

export interface DemoParts {
  /** The embedded database's file where no other is asked for. */
  readonly file: string
  readonly token: string
  readonly intervalMs: number | null
}

const VMA_HOST = '127.0.0.1'

export async function demoSettings(
  settings: Settings,
  origins: Origins,
  parts: DemoParts,
): Promise<DemoSettings | { readonly problems: readonly string[] }> {
  const notes: string[] = []
  const problems: string[] = []
  const port = async (key: 'vmaHttpPort' | 'omaHttpPort', host: string): Promise<number> => {
    const wanted = settings[key]
    if (wanted === 0 || (await isPortFree(host, wanted))) return wanted
    const what = `port ${wanted} on ${host} is taken`
    if (origins[key].source !== 'default') problems.push(`${what}; choose another one (${origins[key].name})`)
    else notes.push(`${what}: using a free one instead`)
    return 0
  }
  const vmaPort = await port('vmaHttpPort', VMA_HOST)
  const omaHttpPort = await port('omaHttpPort', settings.omaHttpHost)
  if (problems.length > 0) return { problems }
  const database = databaseFor(settings, origins, parts.file, notes)
  const own: Settings = {
    ...settings,
    omaHttpPort,
    database,
    apiTokens: [...settings.apiTokens, parts.token],
    pollIntervalMs: parts.intervalMs ?? settings.pollIntervalMs,
  }
  return {
    settings: own,
    vmaPort,
    token: parts.token,
    databaseAddress: { url: databaseUrl(database), zone: settings.databaseTimeZone },
    databaseShown: showSetting('database', database),
    notes,
  }
}

/**
 * The demo writes simulated VMs: it does so in a database of its own unless a flag of this very command names another.
 * A DATABASE_URL that happens to be in the environment may be the real one.
 */
function databaseFor(settings: Settings, origins: Origins, file: string, notes: string[]): Settings['database'] {
  const { source, name } = origins.database
  if (source === 'flag') return settings.database
  if (source !== 'default')
    notes.push(`${name} is left alone: the demo writes simulated VMs; give --database-url to use a database`)
  return { dialect: 'sqlite', file }
}
