/** A VMA whose answers are the truth, as a process that can be killed: `node vma-process.ts '<TruthOptions as JSON>' PORT`. */

import { createServer } from 'node:http'
import { documentAt, truth, type TruthOptions } from './truth.ts'

const [, , options = '{}', port = '0'] = process.argv
const disks = new Map(
  truth(JSON.parse(options) as TruthOptions).flatMap((job) => job.disks.map((disk) => [disk.key, disk] as const)),
)
const PREFIX = '/api/v1/progress/'

const server = createServer((request, response) => {
  const url = request.url ?? ''
  const disk = url.startsWith(PREFIX) ? disks.get(decodeURIComponent(url.slice(PREFIX.length))) : undefined
  const document = disk === undefined ? undefined : documentAt(disk, Date.now())
  response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(document ?? { error: 'job not found' }))
})
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`port ${address.port}\n`)
})
