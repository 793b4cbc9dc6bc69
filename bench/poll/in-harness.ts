/**
 * The OMA in a harness that is not ours: it finds VMA_PROGRESS_CLIENT_URL and DATABASE_URL (or MARIA_PORT and DB), runs for
 * WARM and SPAN seconds and prints one line of JSON about the span.
 */

import { loadSettings } from '../../config/load.ts'
import { startOma } from '../../src/compose-oma.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { measure } from './measure.ts'

// What a harness tells others by the prefix of our settings is none of ours.
const { OMA_DSN: _, ...env } = process.env
const seconds = (name: string, otherwise: number): number => Number(env[name] ?? otherwise) * 1_000
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const DATABASE_URL = env['DATABASE_URL'] ?? `mysql://root@127.0.0.1:${env['MARIA_PORT']}/${env['DB']}`
const loaded = loadSettings({ env: { ...env, DATABASE_URL, OMA_API_TOKENS: 'bench', OMA_HTTP_PORT: '0' } })
if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults))
const log = createLogger({ level: 'warn', format: 'json', service: 'oma' })
const oma = await startOma(loaded.settings, { log, migrate: true })
await after(seconds('WARM', 10))
const end = measure(oma)
await after(seconds('SPAN', 20))
console.log(JSON.stringify(end()))
await oma.close()
