/** HTTP as tests speak it: one connection a request, and raw sockets for what no client would send. */

import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export function ask(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
      let text = ''
      res.setEncoding('utf8')
      res.on('data', (chunk: string) => (text += chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end(body)
  })
}

/** Posts an object as JSON; anything that is text already goes as it is. */
export function send(port: number, method: string, path: string, body: unknown): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return ask(port, path, { method, headers: { 'Content-Type': 'application/json' }, body: text })
}

export function json(reply: Reply): Record<string, unknown> {
  const value: unknown = JSON.parse(reply.text)
  if (typeof value !== 'object' || value === null) throw new Error(`no JSON object: ${reply.text}`)
  return { ...value }
}

export interface RawConnection {
  write(text: string): void
  /** All that the server said, once it has closed the connection. */
  readonly closed: Promise<string>
  /** Resolves once what the server said holds this text. */
  saw(text: string): Promise<void>
  destroy(): void
}

export async function rawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  let heard = (): void => undefined
  socket.setEncoding('utf8')
  socket.on('error', () => undefined)
  socket.on('data', (chunk: string) => {
    said += chunk
    heard()
  })
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(said)))
  await new Promise((resolve) => socket.once('connect', resolve))
  return {
    write: (text) => socket.write(text),
    closed,
    saw: (text) =>
      new Promise((resolve) => {
        heard = () => {
          if (said.includes(text)) resolve()
        }
        heard()
      }),
    destroy: () => socket.destroy(),
  }
}
