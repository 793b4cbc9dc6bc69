/** The VMA as `sightline vma` runs it, in a process that tells what it holds. */

import { obey } from '../../bench/support/parent.ts'
import { startVma, type Vma, type VmaSettings } from '../../src/compose-vma.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { processFigures } from './probe.ts'

export type VmaQuestion = { readonly ask: 'start'; readonly settings: VmaSettings } | { readonly ask: 'figures' }

let vma: Vma | undefined

obey(async (question: VmaQuestion) => {
  if (question.ask === 'start') {
    const log = createLogger({ level: 'warn', format: 'json', service: 'vma' })
    vma = await startVma(question.settings, {
      clock: { now: Date.now },
      onFault: (cause, route) => log.error({ err: cause, path: route.path }, 'request failed'),
    })
    return vma.port
  }
  return { ...processFigures(), jobs: vma?.store.jobs ?? 0, 'long polls': vma?.polls.waiting ?? 0 }
})
