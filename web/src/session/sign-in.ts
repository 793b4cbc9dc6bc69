import { ApiError, SightlineClient } from '../../../src/client/index.ts'

/** Asks the OMA once whether it takes the token; rejects with a sentence for people. */
export async function tryToken(url: string, token: string): Promise<void> {
  try {
    await new SightlineClient({ url, token }).rest.contexts({ limit: '1', fields: 'vm_name' })
  } catch (error) {
    throw new Error(sentenceFor(error), { cause: error })
  }
}

export function sentenceFor(error: unknown): string {
  const status = error instanceof ApiError ? error.status : undefined
  if (status === 401)
    return 'The OMA does not know this token (401). Check it for missing characters, or ask for a new one.'
  if (status === 403) return 'The OMA knows this token, but it may not read (403): it lacks the scope “read”.'
  const reason = error instanceof Error ? error.message : String(error)
  return status === undefined ? `The OMA does not answer: ${reason}.` : `The OMA answered: ${reason}.`
}
