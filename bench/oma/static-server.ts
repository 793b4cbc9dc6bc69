/** The rival of every answer: the same bytes, which node:http gives from memory. It is told them by path. */

import { createServer } from 'node:http'
import { obey } from '../support/parent.ts'

/** By path with its query. */
export type Answers = ReadonlyMap<string, Uint8Array>

obey((answers: Answers) => serve(answers))

function serve(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    const body = answers.get(request.url ?? '')
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body?.length ?? 0 }
    response.writeHead(body === undefined ? 404 : 200, headers)
    response.end(body)
  })
  return new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no address'))
      else resolve(`http://127.0.0.1:${address.port}`)
    })
  })
}
