/** The log level while the service runs (LOG-2). */

import { ErrorSchema } from '../../model/wire/answers.ts'
import { LogLevelOrderSchema, LogLevelSchema } from '../../model/wire/service.ts'
import { utcSeconds } from '../../model/wire/time.ts'
import { parseDuration } from '../../model/units.ts'
import { LOG_LEVELS, MAX_FOR_MS, type LogLevel, type LogLevels } from '../../telemetry/log-levels.ts'
import { errorAnswer } from '../answers.ts'
import type { Clock, HttpAnswer, Route } from '../route.ts'

const PATH = '/api/v1/log-level'
const DEFAULT_FOR = '10m'

export interface LogLevelRoutesOptions {
  readonly levels: Pick<LogLevels, 'view' | 'set'>
  readonly clock: Clock
}

export function logLevelRoutes({ levels, clock }: LogLevelRoutesOptions): readonly Route[] {
  return [
    {
      method: 'GET',
      path: PATH,
      summary: 'The log level, and how long it holds',
      auth: 'token',
      schemas: { answers: { 200: LogLevelSchema } },
      handler: () => tellLevel(levels),
    },
    {
      method: 'PUT',
      path: PATH,
      summary: 'Another log level for a while, then that of the settings again',
      auth: 'token',
      scope: 'operate',
      body: { maxBytes: 1_024, contentTypes: ['application/json'] },
      schemas: {
        body: LogLevelOrderSchema,
        answers: { 200: LogLevelSchema, 400: ErrorSchema, 408: ErrorSchema, 413: ErrorSchema, 415: ErrorSchema },
      },
      handler: ({ body }) => {
        const order = readOrder(body)
        if ('faults' in order)
          return errorAnswer(400, 'invalid log level', clock.now(), { details: order.faults.join('; ') })
        levels.set(order.level, order.forMs)
        return tellLevel(levels)
      },
    },
  ]
}

function tellLevel(levels: LogLevelRoutesOptions['levels']): HttpAnswer {
  const { level, configured, until } = levels.view()
  const body = { level, configured_level: configured, until: until === undefined ? null : utcSeconds(until) }
  return { status: 200, body }
}

type Order = { readonly level: LogLevel; readonly forMs: number } | { readonly faults: readonly string[] }

/** All faults at once; nothing is changed by an order that has one. */
function readOrder(text: string): Order {
  const document = parsed(text)
  if (document === undefined) return { faults: ['body must be a JSON object'] }
  const { level, for: duration = DEFAULT_FOR, ...others } = document
  const known = LOG_LEVELS.find((name) => name === level)
  const forMs = typeof duration === 'string' ? parseDuration(duration) : undefined
  const isFor = forMs !== undefined && forMs >= 1_000 && forMs <= MAX_FOR_MS
  const faults = [
    ...(known === undefined ? [`level must be one of ${LOG_LEVELS.join(', ')}`] : []),
    ...(isFor ? [] : ['for must be a duration from 1s to 24h, as 10m']),
    ...Object.keys(others).map((name) => `"${name.slice(0, 40)}" is no field of it (level, for)`),
  ]
  return known === undefined || !isFor || faults.length > 0 ? { faults } : { level: known, forMs }
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}
