/** `sightline vma`: the VMA service until it is told to stop (CLI-1). */

import type { Settings } from '../../config/schema.ts'
import { startVma } from '../compose-vma.ts'
import { requestLog } from '../request-log.ts'
import { serverTls, serviceUrl } from '../service-url.ts'
import { createLogger } from '../telemetry/log.ts'
import { serveUntilStopped } from './serve.ts'

export async function run(settings: Settings): Promise<number> {
  const log = createLogger({ level: settings.logLevel, format: settings.logFormat, service: 'vma' })
  return await serveUntilStopped(log, async () => {
    const vma = await startVma(
      {
        host: settings.vmaHttpHost,
        port: settings.vmaHttpPort,
        tokens: settings.vmaApiTokens,
        ...serverTls(settings.vmaTlsCert, settings.vmaTlsKey),
        limits: {
          registration: settings.registration,
          retentionMs: settings.retentionMs,
          idleMs: settings.idleRetentionMs,
          maxJobs: settings.maxJobs,
        },
      },
      { clock: { now: Date.now }, ...requestLog(log) },
    )
    log.info({ url: serviceUrl(settings.vmaHttpHost, vma.port, settings.vmaTlsCert !== undefined) }, 'VMA is up')
    return vma
  })
}
