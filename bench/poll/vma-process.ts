/**
 * A VMA that costs as little as it can: progress is a function of the clock, and the document a text that is prepared anew
 * every 10 ms, with the job's name in front. It can be slow, and leave requests without an answer.
 */

import * as uws from 'uWebSockets.js'
import { obey } from '../support/parent.ts'
import { isSlow, type Slowness } from './slowness.ts'

export type VmaQuestion = { readonly ask: 'start'; readonly slow?: Slowness } | { readonly ask: 'requests' }

const TOTAL = 68_719_476_736
/** Each transfer takes as long as any bench. */
const LASTS_MS = 3_600_000
const PREPARED_MS = 10
const startedAt = Date.now()
const START = new Date(startedAt).toISOString().slice(0, 19)
let [requests, slowRequests] = [0, 0]
let prepared = { at: 0, text: '' }

function textNow(): string {
  const now = Date.now()
  if (now - prepared.at < PREPARED_MS) return prepared.text
  const share = (now - startedAt) / LASTS_MS
  const at = new Date(now).toISOString().slice(0, 19)
  const text = `","status":"Running","sync_type":"initial","phase":"Transfer","percentage":${share * 100},"current_operation":"Transfer","bytes_transferred":${Math.floor(share * TOTAL)},"total_bytes":${TOTAL},"throughput":{"current_mbps":18.2,"average_mbps":18.2,"peak_mbps":20,"last_update":"${at}Z"},"timing":{"start_time":"${START}Z","last_update":"${at}Z","elapsed_ms":${now - startedAt},"eta_seconds":3000},"vm_info":{"name":"bench","path":"/dc/vm/bench","disk_size_gb":64,"disk_size_bytes":${TOTAL},"cbt_enabled":true},"phases":[{"name":"Transfer","status":"in_progress","start_time":"${START}Z"}],"errors":[],"last_error":null}`
  prepared = { at: now, text }
  return text
}

/** `trace`: the request's `traceparent`, which is said back as our VMA says it; '' for none. */
function answer(res: uws.HttpResponse, key: string, trace: string): void {
  res.writeHeader('Content-Type', 'application/json')
  if (trace !== '') res.writeHeader('traceparent', trace).writeHeader('X-Request-Id', trace.slice(36, 52))
  res.end(`{"job_id":"${key}${textNow()}`)
}

function answerLate(res: uws.HttpResponse, key: string, trace: string, { latencyMs, hangsOneIn }: Slowness): void {
  let isGone = false
  res.onAborted(() => void (isGone = true))
  slowRequests += 1
  if (slowRequests % hangsOneIn === 0) return
  setTimeout(() => {
    if (!isGone) res.cork(() => answer(res, key, trace))
  }, latencyMs)
}

function start(slow: Slowness | undefined): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const app = uws.App()
    app.get('/api/v1/progress/:key', (res, req) => {
      requests += 1
      const key = req.getParameter(0) ?? ''
      const trace = req.getHeader('traceparent')
      if (slow !== undefined && isSlow(key, slow)) answerLate(res, key, trace, slow)
      else answer(res, key, trace)
    })
    app.get('/api/v1/health', (res) => void res.end('{"status":"healthy"}'))
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no port'))
      else resolve(`http://127.0.0.1:${uws.us_socket_local_port(socket)}`)
    })
  })
}

obey((question: VmaQuestion) => (question.ask === 'start' ? start(question.slow) : requests))
