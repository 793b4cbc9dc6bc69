/** A VMA that costs as little as it can: progress is a function of the clock, the document a text with five holes. */

import * as uws from 'uWebSockets.js'
import { obey } from '../support/parent.ts'

const TOTAL = 68_719_476_736
/** Each transfer takes as long as any bench. */
const LASTS_MS = 3_600_000
const startedAt = Date.now()
const START = new Date(startedAt).toISOString().slice(0, 19)
let requests = 0

function document(key: string): string {
  const now = Date.now()
  const share = (now - startedAt) / LASTS_MS
  const at = new Date(now).toISOString().slice(0, 19)
  return `{"job_id":"${key}","status":"Running","sync_type":"initial","phase":"Transfer","percentage":${share * 100},"current_operation":"Transfer","bytes_transferred":${Math.floor(share * TOTAL)},"total_bytes":${TOTAL},"throughput":{"current_mbps":18.2,"average_mbps":18.2,"peak_mbps":20,"last_update":"${at}Z"},"timing":{"start_time":"${START}Z","last_update":"${at}Z","elapsed_ms":${now - startedAt},"eta_seconds":3000},"vm_info":{"name":"bench","path":"/dc/vm/bench","disk_size_gb":64,"disk_size_bytes":${TOTAL},"cbt_enabled":true},"phases":[{"name":"Transfer","status":"in_progress","start_time":"${START}Z"}],"errors":[],"last_error":null}`
}

obey(async (question: 'start' | 'requests') => {
  if (question === 'requests') return requests
  return await new Promise<string>((resolve, reject) => {
    const app = uws.App()
    app.get('/api/v1/progress/:key', (res, req) => {
      requests += 1
      res.writeHeader('Content-Type', 'application/json')
      // As our VMA says it back.
      const trace = req.getHeader('traceparent')
      if (trace !== '') res.writeHeader('traceparent', trace).writeHeader('X-Request-Id', trace.slice(36, 52))
      res.end(document(req.getParameter(0) ?? ''))
    })
    app.get('/api/v1/health', (res) => void res.end('{"status":"healthy"}'))
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no port'))
      else resolve(`http://127.0.0.1:${uws.us_socket_local_port(socket)}`)
    })
  })
})
