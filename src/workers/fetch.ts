/** Entry of a fetch thread (Piscina runs the default export as one long task): serves its port until told to close. */

import type { MessagePort } from 'node:worker_threads'
import { Fetcher } from './fetcher.ts'
import type { FetchTask, FromFetch, PollResult, ToFetch } from './protocol.ts'
import { VmaClient } from './vma-client.ts'

/** Most results in one message: a large burst must not make the main thread read one large message. */
const CHUNK = 128

export default async function serve({ port, settings }: FetchTask): Promise<void> {
  const clients = settings.vmas.map((vma) => new VmaClient(vma, { ...settings, now: Date.now }))
  const outbox = new Outbox(port)
  const fetcher = new Fetcher(clients, Date.now, (result) => outbox.add(result))
  await new Promise<void>((resolve) => {
    port.on('message', (message: ToFetch) => {
      if (message.type === 'close') resolve()
      else if (message.type === 'probe') probe(clients, message.vma, port)
      else handle(fetcher, message)
    })
    port.on('close', resolve)
  })
  await Promise.all(clients.map((client) => client.close()))
  port.close()
}

function handle(fetcher: Fetcher, message: Exclude<ToFetch, { type: 'close' | 'probe' }>): void {
  switch (message.type) {
    case 'track':
      for (const target of message.targets) fetcher.track(target)
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

/** Gathers the results of one turn of the event loop: a message costs 10 µs whatever it holds. */
class Outbox {
  readonly #port: MessagePort
  #results: PollResult[] = []
  #scheduled = false

  constructor(port: MessagePort) {
    this.#port = port
  }

  add(result: PollResult): void {
    this.#results.push(result)
    if (this.#results.length >= CHUNK) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
  }

  #flush(): void {
    if (this.#results.length === 0) return
    const message: FromFetch = { type: 'results', results: this.#results }
    this.#results = []
    this.#port.postMessage(message)
  }
}
