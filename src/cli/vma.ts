/** `sightline vma`: the VMA service until it is told to stop (CLI-1). */

import type { Settings } from '../../config/schema.ts'
import { startVma } from '../compose-vma.ts'
import { requestLog } from '../request-log.ts'
import { serverTls, serviceUrl } from '../service-url.ts'
import { tell } from '../telemetry/events.ts'
import { serviceLog } from '../telemetry/log.ts'
import { logOptions, serveUntilStopped } from './serve.ts'

export async function run(settings: Settings): Promise<number> {
  const logs = serviceLog({ ...logOptions(settings), service: 'vma' })
  const { log, limit } = logs
  return await serveUntilStopped(logs, async () => {
    const vma = await startVma(
      {
        host: settings.vmaHttpHost,
        port: settings.vmaHttpPort,
        tokens: settings.vmaApiTokens,
        metricsAuth: settings.metricsAuth,
        ...serverTls(settings.vmaTlsCert, settings.vmaTlsKey),
        limits: {
          registration: settings.registration,
          retentionMs: settings.retentionMs,
          idleMs: settings.idleRetentionMs,
          maxJobs: settings.maxJobs,
        },
      },
      { clock: { now: Date.now }, limit, ...requestLog(log) },
    )
    tell(log, 'vma.service_up', {
      url: serviceUrl(settings.vmaHttpHost, vma.port, settings.vmaTlsCert !== undefined),
    })
    return vma
  })
}
