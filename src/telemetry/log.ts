/** One pino logger a process; lines go to stdout as JSON, for Elastic with `ecs`, or for people with `pretty`. */

import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { ecsOptions } from './ecs.ts'
import { tellError } from './errors.ts'

export type { Logger }

export interface LogOptions {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'ecs'
  readonly service: string
}

/** `destination` is stdout unless given; `pretty` writes to stdout always. */
export function createLogger({ level, format, service }: LogOptions, destination?: DestinationStream): Logger {
  const base: LoggerOptions = {
    name: service,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: tellError },
  }
  if (format === 'pretty') return pino({ ...base, transport: { target: 'pino-pretty', options: { singleLine: true } } })
  return pino(format === 'ecs' ? { ...base, ...ecsOptions(service) } : base, destination)
}
