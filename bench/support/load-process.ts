/** Entry of the load generator's process. */

import autocannon from 'autocannon'
import { obey } from './parent.ts'
import type { Load, LoadRequest, LoadResult } from './load.ts'
import { Stopwatch } from './stopwatch.ts'
import { runWire } from './wire.ts'

obey((load: Load) => (load.by.generator === 'autocannon' ? runAutocannon(load, load.by.overallRate) : runWire(load)))

async function runAutocannon(load: Load, overallRate: number | undefined): Promise<LoadResult> {
  let at = 0
  const run = autocannon({
    url: load.url,
    connections: load.lists.length,
    duration: load.seconds,
    ...(overallRate === undefined ? {} : { overallRate }),
    setupClient: (client) => {
      const list = load.lists[at % load.lists.length] ?? []
      at += 1
      client.setRequests(list.map((request) => asAutocannon(request, load.headers)))
    },
  })
  // The requests are built by now. autocannon's own latencies are whole milliseconds.
  const watch = new Stopwatch()
  run.on('response', (_client, _status, _bytes, ms) => watch.took(ms))
  const result = await run
  return watch.stop(result['2xx'], result.non2xx + result.errors + result.timeouts)
}

function asAutocannon(request: LoadRequest, headers: Load['headers'] = {}): autocannon.Request {
  const { method, path, body } = request
  if (body === undefined) return { method, path, headers: { ...headers } }
  return { method, path, body, headers: { ...headers, 'content-type': 'application/json' } }
}
