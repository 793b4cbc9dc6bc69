/** Questions whose answer may be "there is none", or not come at once. */

import { ApiError, isRefusal } from '../../client/index.ts'

/** undefined for what the OMA does not know. */
export async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** Worth another try: no answer, or a fault of the OMA's that passes. */
export function mayPass(error: unknown): boolean {
  return !isRefusal(error) && !(error instanceof ApiError && error.status < 500)
}
