/** What an error says in a log line: with its causes, without what its texts or further fields may hold (SEC-2). */

import pino from 'pino'
import { withoutSecrets } from '../model/secrets.ts'

export interface ToldError {
  readonly type: string
  readonly message: string
  readonly stack: string
  readonly code?: string
}

/** Of a driver's own fields only the code: others hold statements with their values. What is no error is told as text. */
export function tellError(cause: unknown): ToldError {
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const { type, message, stack } = pino.stdSerializers.err(error)
  const told = { type, message: withoutSecrets(message), stack: withoutSecrets(stack) }
  return 'code' in error && typeof error.code === 'string' ? { ...told, code: error.code } : told
}
