/**
 * The dashboard before a server of the stream that has no pages of its own: files from dist/web, a list of VMs, and
 * every other request handed on, websockets byte for byte.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { extname, join } from 'node:path'
import type { Test } from 'tap'
import { ROOT } from '../../arch/source-files.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface Front {
  readonly url: string
}

/** `contexts`: what `GET /api/v1/vm-contexts` tells, on one page. */
export async function startFront(t: Test, streamPort: number, contexts: readonly object[]): Promise<Front> {
  const server = createServer((request, response) => {
    void answer(request, response, contexts)
  })
  const sockets = new Set<Socket>()
  server.on('upgrade', (request, socket: Socket, head: Buffer) => {
    const target = connect(streamPort, '127.0.0.1', () => {
      const headers = request.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []))
      target.write(`${[`GET ${request.url} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`)
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) {
      sockets.add(end)
      end.on('error', () => undefined)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function answer(request: IncomingMessage, response: ServerResponse, contexts: readonly object[]): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://x').pathname
  if (path === '/api/v1/vm-contexts') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ count: contexts.length, vm_contexts: contexts }))
    return
  }
  const file = path === '/' ? 'index.html' : path.slice(1)
  try {
    const content = await readFile(join(ROOT, 'dist', 'web', file))
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream')
    response.end(content)
  } catch {
    response.statusCode = 404
    response.end()
  }
}
