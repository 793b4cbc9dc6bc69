/** A service from start to stop: SIGTERM or Ctrl-C closes it within 10 s and exits 0, a second one forces it. */

import type { Logger } from '../telemetry/log.ts'
import { stopSignal } from './stop-signal.ts'
import { systemdOf } from './systemd.ts'

/** In-flight polls and writes are finished by then, or given up (CLI-1). */
const CLOSE_MS = 10_000

export interface RunningService {
  close(): Promise<void>
  /** Why it does no work any more, however much it waits for others; undefined while it does. */
  whatIsWrong(): string | undefined
}

export async function serveUntilStopped(log: Logger, start: () => Promise<RunningService>): Promise<number> {
  const systemd = systemdOf(process.env, log)
  const signal = stopSignal(() => process.exit(1))
  try {
    const service = await start()
    systemd?.ready(() => service.whatIsWrong())
    await signal.stopped
    log.info('stopping')
    void systemd?.stopping()
    return await closed(service, log)
  } catch (cause) {
    log.fatal({ err: cause }, cause instanceof Error ? cause.message : 'the service could not start')
    return 1
  } finally {
    signal.close()
  }
}

async function closed(service: RunningService, log: Logger): Promise<number> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => resolve('late'), CLOSE_MS)
  const outcome = await Promise.race([service.close().then(() => 'closed' as const), late])
  clearTimeout(timer)
  if (outcome === 'closed') log.info('stopped')
  else log.error('not everything was finished within 10 s; it is given up')
  return outcome === 'closed' ? 0 : 1
}
