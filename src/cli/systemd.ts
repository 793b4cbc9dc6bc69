/**
 * What a service tells systemd (sd_notify, `Type=notify`): that it is ready, that it stops, and that it still works, which
 * is what systemd's watchdog waits for. Only where systemd asks for it (NOTIFY_SOCKET), and never to the service's harm.
 *
 * Node has no datagram sockets of the unix kind, and a compiled addon for three messages would be one more thing to trust:
 * systemd's own `systemd-notify` sends them, as a child of 5 ms. Units need `NotifyAccess=all` for it. It waits until
 * systemd has taken the message (since version 246), so none is lost because its sender is gone.
 */

import { execFile } from 'node:child_process'
import type { Logger } from '../telemetry/log.ts'

/** A child that hangs is killed by then, and the next message goes out. */
const SEND_MS = 10_000
/** Messages within the time that systemd waits for one: one or two may be late. */
const BEATS = 3

type Environment = Readonly<Record<string, string | undefined>>
/** Lines as sd_notify(3) has them: `READY=1`. Rejects when they could not be sent. */
export type Send = (lines: readonly string[]) => Promise<void>

/** What systemd wants to be told; undefined where it does not ask. */
export interface Wishes {
  /** Without a message for so long the service is killed; undefined for no watchdog. */
  readonly watchdogMs: number | undefined
}

/** As sd_notify(3) and sd_watchdog_enabled(3) read the environment. */
export function wishesOf(env: Environment, pid: number): Wishes | undefined {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return undefined
  const usec = Number(env['WATCHDOG_USEC'])
  const isOurs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === pid
  return { watchdogMs: isOurs && Number.isSafeInteger(usec) && usec > 0 ? usec / 1_000 : undefined }
}

export interface SystemdOptions {
  readonly wishes: Wishes
  readonly send: Send
  readonly log: Pick<Logger, 'warn' | 'error'>
}

export class Systemd {
  readonly #options: SystemdOptions
  #timer: NodeJS.Timeout | undefined
  #isSending = false
  #hasWarned = false

  constructor(options: SystemdOptions) {
    this.#options = options
  }

  /** From now on, and for as long as `whatIsWrong` says nothing, the watchdog hears of it. */
  ready(whatIsWrong: () => string | undefined): void {
    void this.#tell(['READY=1', 'STATUS=at work'])
    const { watchdogMs } = this.#options.wishes
    if (watchdogMs !== undefined) this.#timer = setInterval(() => this.beat(whatIsWrong), watchdogMs / BEATS)
  }

  /** A message to the watchdog, if all is well; one that is still being sent is not overtaken. */
  beat(whatIsWrong: () => string | undefined): void {
    const wrong = whatIsWrong()
    if (wrong !== undefined) {
      this.#options.log.error(
        { reason: wrong },
        'not at work any more: systemd is not told otherwise, and will restart the service',
      )
      return
    }
    if (!this.#isSending) void this.#tell(['WATCHDOG=1'])
  }

  async stopping(): Promise<void> {
    clearInterval(this.#timer)
    await this.#tell(['STOPPING=1', 'STATUS=finishing what is under way'])
  }

  async #tell(lines: readonly string[]): Promise<void> {
    this.#isSending = true
    try {
      await this.#options.send(lines)
    } catch (cause) {
      if (!this.#hasWarned) this.#options.log.warn({ err: cause }, 'systemd could not be told how the service is')
      this.#hasWarned = true
    } finally {
      this.#isSending = false
    }
  }
}

/** By a child `systemd-notify`, which finds the socket in the environment. */
const sendByChild: Send = (lines) =>
  new Promise((resolve, reject) => {
    execFile('systemd-notify', [...lines], { timeout: SEND_MS }, (cause) => {
      if (cause === null) resolve()
      else reject(new Error('systemd-notify failed', { cause }))
    })
  })

/** What `log` belongs to as a service of systemd; undefined where it is none. */
export function systemdOf(env: Environment, log: Logger): Systemd | undefined {
  const wishes = wishesOf(env, process.pid)
  return wishes === undefined ? undefined : new Systemd({ wishes, send: sendByChild, log })
}
