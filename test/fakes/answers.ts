/** What a scripted VMA may do with a request: answer well, answer badly, or not at all. */

import type { Answer } from './scripted-vma.ts'

/** HTTP 200 with a document. */
export function json(body: unknown): Answer {
  return text(JSON.stringify(body), 'application/json')
}

/** HTTP 200 with any text, such as the field's `job not found`. */
export function text(body: string, type = 'text/plain'): Answer {
  return (response) => response.writeHead(200, { 'Content-Type': type }).end(body)
}

/** Another status, with the error body that the documents give. */
export function status(code: number, error = 'job not found'): Answer {
  return (response) => response.writeHead(code, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }))
}

/** Never answers. */
export const hang: Answer = () => {}

/** The document byte by byte. */
export function drip(body: unknown, everyMs: number): Answer {
  return (response) => {
    const bytes = JSON.stringify(body)
    let at = 0
    response.writeHead(200, { 'Content-Type': 'application/json' })
    const timer = setInterval(() => {
      response.write(bytes.charAt(at))
      at += 1
      if (at >= bytes.length) response.end()
    }, everyMs)
    response.once('close', () => clearInterval(timer))
    response.once('finish', () => clearInterval(timer))
  }
}

/** No HTTP at all. */
export const garbage: Answer = (response) => {
  response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n')
}

/** Half of a document, then the connection breaks. */
export function truncated(body: unknown): Answer {
  return (response) => {
    const bytes = JSON.stringify(body)
    const { socket } = response
    socket?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`)
    socket?.write(bytes.slice(0, bytes.length / 2), () => socket.destroy())
  }
}

/** A Content-Length that is off by `by`, on a connection that stays open. */
export function wrongLength(body: unknown, by: number): Answer {
  return (response) => {
    const bytes = JSON.stringify(body)
    response.socket?.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length + by}\r\n\r\n${bytes}`)
  }
}

/** A well-formed document that is larger than anybody should send; without a length, so that it is found by reading. */
export function huge(body: object, bytes: number): Answer {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    const document = JSON.stringify({ ...body, padding: 'x'.repeat(bytes) })
    response.write(document.slice(0, 1_000))
    response.end(document.slice(1_000))
  }
}

/** The connection is reset (RST) instead of an answer. */
export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy()
}
