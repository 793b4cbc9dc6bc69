/**
 * A VMA that answers by script, over real HTTP on a free port of 127.0.0.1: per key one answer a request, the last one
 * repeated; or a function of (request number, the VMA's now). Keys without a script are 404. It keeps count of what it
 * was asked, can be silenced and brought back on the same port, and its clock can be wrong.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The one who plays an answer gets the raw response: to be slow, short, wrong or silent on it. */
export type Answer = (response: ServerResponse) => void
/** `n` counts the requests of the key from 1; `now` is the VMA's clock. */
export type Script = (n: number, now: number) => Answer

export interface Asked {
  readonly key: string
  /** Our clock. */
  readonly at: number
  /** Undefined while it is under way. */
  endedAt: number | undefined
}

export interface VmaOptions {
  readonly port?: number
  readonly now?: () => number
  /** VMA's clock minus ours. */
  readonly skewMs?: number
  /** Default true. */
  readonly dateHeader?: boolean
  /** For keys without a script of their own. */
  readonly fallback?: (key: string, n: number, now: number) => Answer
}

const PREFIX = '/api/v1/progress/'

export class ScriptedVma {
  readonly #options: VmaOptions
  readonly #scripts = new Map<string, Script>()
  readonly #asked = new Map<string, Asked[]>()
  readonly #sockets = new Set<Socket>()
  readonly #watchers = new Set<() => void>()
  readonly #overlapping = new Set<string>()
  #server: Server | undefined
  #port = 0
  #inFlight = 0
  #mostInFlight = 0
  /** Both can be changed while it runs. */
  skewMs: number
  dateHeader: boolean

  private constructor(options: VmaOptions) {
    this.#options = options
    this.skewMs = options.skewMs ?? 0
    this.dateHeader = options.dateHeader ?? true
  }

  static async start(options: VmaOptions = {}): Promise<ScriptedVma> {
    const vma = new ScriptedVma(options)
    vma.#port = options.port ?? 0
    await vma.listen()
    return vma
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** The VMA's own clock, epoch ms. */
  now(): number {
    return (this.#options.now ?? Date.now)() + this.skewMs
  }

  /** Answers of a key in turn, from now on; the last one is repeated. */
  script(key: string, ...answers: readonly [Answer, ...Answer[]]): this {
    const from = this.asked(key).length
    return this.scriptBy(key, (n) => answers[Math.min(n - from, answers.length) - 1] ?? answers[0])
  }

  scriptBy(key: string, script: Script): this {
    this.#scripts.set(key, script)
    return this
  }

  /** Requests of one key, or of all, oldest first. */
  asked(key?: string): readonly Asked[] {
    if (key !== undefined) return this.#asked.get(key) ?? []
    return [...this.#asked.values()].flat().sort((a, b) => a.at - b.at)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get mostInFlight(): number {
    return this.#mostInFlight
  }

  /** Keys of which two requests were under way at once. */
  get overlapping(): readonly string[] {
    return [...this.#overlapping]
  }

  /** Resolves once the condition holds; looked at with each request that begins or ends. */
  async until(holds: (vma: this) => boolean, boundMs = 10_000): Promise<void> {
    if (holds(this)) return
    await new Promise<void>((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        then()
      }
      const look = (): void => {
        if (holds(this)) settle(resolve)
      }
      const timer = setTimeout(() => settle(() => reject(new Error(`waited ${boundMs} ms in vain`))), boundMs)
      this.#watchers.add(look)
    })
  }

  /** Connections are refused from now on, and the open ones cut. */
  async goDown(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Back on the same port. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response))
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no address')
    this.#port = address.port
    this.#server = server
  }

  async close(): Promise<void> {
    await this.goDown()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? ''
    const key = path.startsWith(PREFIX) ? decodeURIComponent(path.slice(PREFIX.length)) : path
    const n = this.#record(key, response)
    const now = this.now()
    response.sendDate = false
    if (this.dateHeader) response.setHeader('Date', new Date(now).toUTCString())
    const answer = this.#scripts.get(key)?.(n, now) ?? this.#options.fallback?.(key, n, now) ?? notFound(key)
    answer(response)
  }

  #record(key: string, response: ServerResponse): number {
    const ofKey = this.#asked.get(key) ?? []
    if (ofKey.some((asked) => asked.endedAt === undefined)) this.#overlapping.add(key)
    const asked: Asked = { key, at: Date.now(), endedAt: undefined }
    ofKey.push(asked)
    this.#asked.set(key, ofKey)
    this.#inFlight += 1
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight)
    const end = (): void => {
      if (asked.endedAt !== undefined) return
      asked.endedAt = Date.now()
      this.#inFlight -= 1
      this.#look()
    }
    // 'finish' comes with the last byte handed over, before the client can ask again; 'close' when it was cut.
    response.once('finish', end)
    response.once('close', end)
    this.#look()
    return ofKey.length
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher()
  }
}

function notFound(key: string): Answer {
  return (response) => {
    response.writeHead(404, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ error: 'job not found', job_id: key }))
  }
}
