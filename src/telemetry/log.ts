/** One pino logger a process; lines go to stdout as JSON, for Elastic with `ecs`, or for people with `pretty`. */

import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { ecsOptions } from './ecs.ts'
import { tellError } from './errors.ts'
import { LogLimit } from './log-limit.ts'
import { LogLevels } from './log-levels.ts'

export type { Logger }

export interface LogOptions {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'ecs'
  readonly service: string
}

/** `destination` is stdout unless given; `pretty` writes to stdout always. */
export function createLogger(
  { level, format, service }: LogOptions,
  destination?: DestinationStream,
  limit = new LogLimit(0),
): Logger {
  const base: LoggerOptions = {
    name: service,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: tellError },
    hooks: {
      logMethod(args, method, level) {
        limit.logMethod(this, args, method, level)
      },
    },
  }
  if (format === 'pretty') return pino({ ...base, transport: { target: 'pino-pretty', options: { singleLine: true } } })
  return pino(format === 'ecs' ? { ...base, ...ecsOptions(service) } : base, destination)
}

/** The log of a service: with a level that can be changed, and a limit to what repeats itself. */
export interface ServiceLog {
  readonly log: Logger
  readonly levels: LogLevels
  readonly limit: LogLimit
}

/** `repeatLimit`: lines of one kind a minute; 0 for no limit. `destination` as for `createLogger`. */
export function serviceLog(
  options: LogOptions & { readonly repeatLimit: number },
  destination?: DestinationStream,
): ServiceLog {
  const limit = new LogLimit(options.repeatLimit)
  const log = createLogger(options, destination, limit)
  return { log, levels: new LogLevels(log), limit }
}

/** For a logger that was made elsewhere: nothing of it is limited or counted. */
export function plainServiceLog(log: Logger): ServiceLog {
  return { log, levels: new LogLevels(log), limit: new LogLimit(0) }
}
