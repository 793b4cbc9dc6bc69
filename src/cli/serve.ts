/** A service from start to stop: SIGTERM or Ctrl-C closes it within 10 s and exits 0, a second one forces it. */

import type { Settings } from '../../config/schema.ts'
import { tell } from '../telemetry/events.ts'
import type { Logger, LogOptions, ServiceLog } from '../telemetry/log.ts'
import { onLevelSignal } from './level-signal.ts'
import { stopSignal } from './stop-signal.ts'
import { systemdOf } from './systemd.ts'

/** In-flight polls and writes are finished by then, or given up (CLI-1). */
const CLOSE_MS = 10_000

export interface RunningService {
  close(): Promise<void>
  /** Why it does no work any more, however much it waits for others; undefined while it does. */
  whatIsWrong(): string | undefined
}

export function logOptions({ logLevel, logFormat, logRepeatLimit }: Settings): Omit<LogOptions, 'service'> & {
  readonly repeatLimit: number
} {
  return { level: logLevel, format: logFormat, repeatLimit: logRepeatLimit }
}

export async function serveUntilStopped(
  { log, levels, limit }: ServiceLog,
  start: () => Promise<RunningService>,
): Promise<number> {
  const systemd = systemdOf(process.env, log)
  const signal = stopSignal(() => process.exit(1))
  const endLevelSignal = onLevelSignal(() => levels.toggle())
  try {
    const service = await start()
    systemd?.ready(() => service.whatIsWrong())
    await signal.stopped
    tell(log, 'service.stopping', {})
    void systemd?.stopping()
    return await closed(service, log)
  } catch (cause) {
    log.fatal({ err: cause }, cause instanceof Error ? cause.message : 'the service could not start')
    return 1
  } finally {
    limit.close()
    endLevelSignal()
    signal.close()
  }
}

async function closed(service: RunningService, log: Logger): Promise<number> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), CLOSE_MS)
  const outcome = await Promise.race([service.close().then(() => 'closed' as const), late])
  clearTimeout(timer)
  tell(log, outcome === 'closed' ? 'service.stopped' : 'service.given_up', {})
  return outcome === 'closed' ? 0 : 1
}
