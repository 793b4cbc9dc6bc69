/** A client of server-sent events that reads when it is told to. */

import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import type { ServerFrame } from '../../src/http/stream/frames.ts'
import { BEARER } from './stream-server.ts'

export interface SseEvent {
  readonly id: string
  readonly frame: ServerFrame
}

export class EventStream {
  readonly response: IncomingMessage
  readonly #request: ClientRequest
  #text = ''
  #isOver = false

  private constructor(req: ClientRequest, response: IncomingMessage) {
    this.#request = req
    this.response = response
    response.setEncoding('utf8')
    response.on('error', () => undefined)
  }

  static async open(
    t: Test,
    port: number,
    query = '',
    headers: Readonly<Record<string, string>> = BEARER,
  ): Promise<EventStream> {
    const req = request({ host: '127.0.0.1', port, path: `/api/v1/stream/sse${query}`, headers, agent: false })
    t.teardown(() => req.destroy())
    req.on('error', () => undefined).end()
    const [response] = (await once(req, 'response')) as IncomingMessage[]
    if (response === undefined) throw new Error('no response')
    return new EventStream(req, response)
  }

  close(): void {
    this.#request.destroy()
  }

  /** The next event; undefined at the end. Comments are passed over. */
  async next(): Promise<SseEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const block = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined)
          return { id: /^id: (.*)$/m.exec(block)?.[1] ?? '', frame: JSON.parse(data) as ServerFrame }
      } else if (this.#isOver) return undefined
      else await this.#more()
    }
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      const heard = (chunk?: string): void => {
        this.#text += chunk ?? ''
        this.response.pause().off('data', heard).off('close', ended)
        resolve()
      }
      const ended = (): void => {
        this.#isOver = true
        heard()
      }
      this.response.on('data', heard).on('close', ended).resume()
    })
  }
}
