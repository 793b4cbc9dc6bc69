/** Results that a VMA's change feed told of without being asked (POLL-10). */

import type { PollResult } from '../workers/protocol.ts'

export type Pushed = Extract<PollResult, { readonly ok: true }> & { readonly pushed: true }

export function isPushed(result: PollResult): result is Pushed {
  return result.ok && result.pushed === true
}
