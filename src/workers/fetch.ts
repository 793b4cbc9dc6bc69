/** Entry of a fetch thread (Piscina runs the default export as one long task): serves its port until told to close. */

import type { MessagePort } from 'node:worker_threads'
import { Feed } from './feed.ts'
import { Fetcher } from './fetcher.ts'
import { LoopWatch } from './loop-watch.ts'
import { Outbox } from './outbox.ts'
import type { FetchSettings, FetchTask, FromFetch, ToFetch } from './protocol.ts'
import { VmaClient } from './vma-client.ts'

/** A page of a feed ends before 1 MiB, or after its first document. */
const FEED_MAX_BYTES = 4 * 1_048_576
/** Between two messages about this thread. */
const FIGURES_MS = 5_000

export default async function serve({ port, settings }: FetchTask): Promise<void> {
  const clients = settings.vmas.map((vma) => new VmaClient(vma, { ...settings, now: Date.now }))
  const feeds = settings.feed
    ? feedsOf(settings, clients, port, (vma, keys) => {
        fetcher.push(vma, keys)
      })
    : []
  const outbox = new Outbox(port)
  const fetcher = new Fetcher(settings.feed ? feeds : clients, Date.now, (result) => outbox.add(result))
  for (const feed of feeds) feed.follow()
  const stopFigures = tellFigures(clients, port)
  await new Promise<void>((resolve) => {
    port.on('message', (message: ToFetch) => {
      if (message.type === 'close') resolve()
      else if (message.type === 'probe') probe(clients, message.vma, port)
      else if (message.type === 'follow') feeds[message.vma]?.follow()
      else handle(fetcher, outbox, message)
    })
    port.on('close', resolve)
  })
  stopFigures()
  for (const one of [...feeds, ...clients]) one.close()
  port.close()
}

/** One per VMA, in the order of the settings. Its requests have a client of their own: they are beside the limit of POLL-9. */
function feedsOf(
  settings: FetchSettings,
  clients: readonly VmaClient[],
  port: MessagePort,
  onChanged: (vma: number, keys: readonly string[]) => void,
): readonly Feed[] {
  const options = { timeoutMs: settings.timeoutMs, now: Date.now }
  return settings.vmas.map(
    (target, vma) =>
      new Feed({
        ...options,
        polls: { get: (key, done, trace) => clients[vma]?.get(key, done, trace) },
        client: new VmaClient(target, { ...options, maxConcurrent: 1, maxBytes: FEED_MAX_BYTES }),
        random: Math.random,
        onChanged: (keys) => onChanged(vma, keys),
        onState: (state) => port.postMessage({ type: 'feed', vma, state } satisfies FromFetch),
      }),
  )
}

/** Returns what ends it. */
function tellFigures(clients: readonly VmaClient[], port: MessagePort): () => void {
  const watch = new LoopWatch()
  const timer = setInterval(() => {
    const vmas = clients.map(({ inFlight, waiting }) => ({ inFlight, waiting }))
    port.postMessage({ type: 'figures', thread: watch.read(), vmas } satisfies FromFetch)
  }, FIGURES_MS)
  return () => {
    clearInterval(timer)
    watch.close()
  }
}

function handle(
  fetcher: Fetcher,
  outbox: Outbox,
  message: Exclude<ToFetch, { type: 'close' | 'probe' | 'follow' }>,
): void {
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
