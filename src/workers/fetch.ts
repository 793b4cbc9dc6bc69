/** Entry of a fetch thread (Piscina runs the default export as one long task): serves its port until told to close. */

import type { MessagePort } from 'node:worker_threads'
import { Fetcher } from './fetcher.ts'
import { Outbox } from './outbox.ts'
import type { FetchTask, FromFetch, ToFetch } from './protocol.ts'
import { VmaClient } from './vma-client.ts'

export default async function serve({ port, settings }: FetchTask): Promise<void> {
  const clients = settings.vmas.map((vma) => new VmaClient(vma, { ...settings, now: Date.now }))
  const outbox = new Outbox(port)
  const fetcher = new Fetcher(clients, Date.now, (result) => outbox.add(result))
  await new Promise<void>((resolve) => {
    port.on('message', (message: ToFetch) => {
      if (message.type === 'close') resolve()
      else if (message.type === 'probe') probe(clients, message.vma, port)
      else handle(fetcher, outbox, message)
    })
    port.on('close', resolve)
  })
  for (const client of clients) client.close()
  port.close()
}

function handle(fetcher: Fetcher, outbox: Outbox, message: Exclude<ToFetch, { type: 'close' | 'probe' }>): void {
  switch (message.type) {
    case 'track':
      for (const target of message.targets) {
        outbox.seat(target.slot, target.seat)
        fetcher.track(target)
      }
      break
    case 'untrack':
      for (const slot of message.slots) fetcher.untrack(slot)
      break
    case 'poll':
      for (const slot of message.slots) fetcher.poll(slot)
      break
  }
}

/** What no VMA answers for itself but any VMA answers somehow: a 404 is a sign of life too (VMA-10 is ours alone). */
function probe(clients: readonly VmaClient[], vma: number, port: MessagePort): void {
  clients[vma]?.probe((error) => {
    const message: FromFetch = error === undefined ? { type: 'probed', vma } : { type: 'probed', vma, error }
    port.postMessage(message)
  })
}
