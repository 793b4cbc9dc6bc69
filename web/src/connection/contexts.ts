/** The list of all VMs, read in pages, and read again when jobs began or ended. */

import type { SightlineClient } from '../../../src/client/index.ts'
import { CONTEXT_FIELDS, type Context } from '../model/state.ts'

const PAGE = '1000'

export async function allContexts(rest: SightlineClient['rest']): Promise<readonly Context[]> {
  const contexts: Context[] = []
  let cursor: string | undefined
  do {
    const page = await rest.contexts({
      limit: PAGE,
      fields: CONTEXT_FIELDS.join(','),
      ...(cursor === undefined ? {} : { cursor }),
    })
    contexts.push(...page.vm_contexts)
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return contexts
}
