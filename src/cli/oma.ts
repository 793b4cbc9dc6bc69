/** `sightline oma`: the OMA service until it is told to stop (CLI-1). */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Settings } from '../../config/schema.ts'
import { oneRunToken, startOma } from '../compose-oma.ts'
import { hasCredentials } from '../oma-access.ts'
import { tell } from '../telemetry/events.ts'
import { serviceLog } from '../telemetry/log.ts'
import { logOptions, serveUntilStopped } from './serve.ts'

/** Holds the token of a service for which none is configured; only its owner can read it. */
const TOKEN_FILE = 'data/oma.token'

export async function run(settings: Settings): Promise<number> {
  const logs = serviceLog({ ...logOptions(settings), service: 'oma' })
  const { log } = logs
  return await serveUntilStopped(logs, async () => {
    const oma = await startOma(
      withToken(settings, (file) => tell(log, 'service.token_made', { file })),
      { log, serviceLog: logs },
    )
    tell(log, 'oma.up', { url: oma.url, vmas: settings.vmas.map((vma) => vma.url) })
    return oma
  })
}

/** The API is never open: without configured tokens it takes one that only this machine's owner of the file can know. */
function withToken(settings: Settings, told: (file: string) => void): Settings {
  if (hasCredentials(settings)) return settings
  const token = oneRunToken()
  mkdirSync(dirname(TOKEN_FILE), { recursive: true })
  writeFileSync(TOKEN_FILE, `${token}\n`, { mode: 0o600 })
  told(TOKEN_FILE)
  return { ...settings, apiTokens: [token] }
}
