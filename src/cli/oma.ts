/** `sightline oma`: the OMA service until it is told to stop (CLI-1). */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Settings } from '../../config/schema.ts'
import { oneRunToken, startOma } from '../compose-oma.ts'
import { hasCredentials } from '../oma-access.ts'
import { createLogger } from '../telemetry/log.ts'
import { serveUntilStopped } from './serve.ts'

/** Holds the token of a service for which none is configured; only its owner can read it. */
const TOKEN_FILE = 'data/oma.token'

export async function run(settings: Settings): Promise<number> {
  const log = createLogger({ level: settings.logLevel, format: settings.logFormat, service: 'oma' })
  return await serveUntilStopped(log, async () => {
    const oma = await startOma(
      withToken(settings, (file) => log.info({ file }, 'no tokens are configured: one for this run is in a file')),
      { log },
    )
    log.info({ url: oma.url, vmas: settings.vmas.map((vma) => vma.url) }, 'OMA is up')
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
