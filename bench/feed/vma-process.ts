/** Our VMA in a process of its own. */

import { startVma } from '../../src/compose-vma.ts'
import { obey } from '../support/parent.ts'

obey(async (_question: 'start') => {
  const onFault = (error: unknown): void => console.error(error)
  const vma = await startVma({ host: '127.0.0.1', port: 0, tokens: [] }, { clock: { now: Date.now }, onFault })
  return `http://127.0.0.1:${vma.port}`
})
