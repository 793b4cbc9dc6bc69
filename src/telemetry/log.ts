/** One pino logger a process; lines go to stdout as JSON, or for people with `pretty`. */

import pino, { type Logger } from 'pino'

export type { Logger }

export interface LogOptions {
  readonly level: string
  readonly format: 'json' | 'pretty' | 'ecs'
  readonly service: string
}

export function createLogger({ level, format, service }: LogOptions): Logger {
  const base = { name: service, level, timestamp: pino.stdTimeFunctions.isoTime }
  if (format === 'pretty') return pino({ ...base, transport: { target: 'pino-pretty', options: { singleLine: true } } })
  return pino(base)
}
