/** People who look: by websocket, by server-sent events, some of them too slow, coming and going; and scripts that ask the REST. */

import { request, type ClientRequest } from 'node:http'
import { WebSocket } from 'ws'
import { Random } from '../../src/sim/random.ts'
import type { SoakJob } from './plan.ts'

export interface CrowdOptions {
  readonly url: string
  readonly token: string
  readonly seed: number
  readonly size: number
  readonly anyJob: () => SoakJob | undefined
}

interface Viewer {
  leave(): void
}

const TURN_MS = 1_000
/** A client that follows every job costs as much as all others. */
const JOBS_SHARE = 0.15
const SLOW_SHARE = 0.1
const SSE_SHARE = 0.3

export class Crowd {
  readonly #options: CrowdOptions
  readonly #random: Random
  readonly #viewers: Viewer[] = []
  #timer: NodeJS.Timeout | undefined
  came = 0
  asked = 0
  failures = 0

  constructor(options: CrowdOptions) {
    this.#options = options
    this.#random = new Random(options.seed)
  }

  start(): void {
    this.#timer = setInterval(() => this.#turn(), TURN_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const viewer of this.#viewers.splice(0)) viewer.leave()
  }

  #turn(): void {
    const { size } = this.#options
    const missing = size - this.#viewers.length
    // Around the size, never still: two come and two go each second.
    for (let i = 0; i < Math.max(0, Math.min(4, missing)); i += 1) this.#viewers.push(this.#come())
    for (let i = 0; i < 2 && this.#viewers.length > size / 2; i += 1)
      this.#viewers.splice(this.#random.integer(0, this.#viewers.length - 1), 1)[0]?.leave()
    void this.#ask()
  }

  #come(): Viewer {
    this.came += 1
    const topics = this.#random.chance(JOBS_SHARE) ? ['jobs'] : this.#narrow()
    const isSlow = this.#random.chance(SLOW_SHARE)
    return this.#random.chance(SSE_SHARE) ? this.#bySse(topics, isSlow) : this.#bySocket(topics, isSlow)
  }

  #narrow(): string[] {
    const job = this.#options.anyJob()
    return job === undefined ? ['jobs'] : [`job:${job.id}`, `vm:${job.vm.name}`]
  }

  #bySocket(topics: readonly string[], isSlow: boolean): Viewer {
    const { url, token } = this.#options
    const protocol = this.#random.chance(0.5) ? 'sightline.v1.json' : 'sightline.v1.msgpack'
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/api/v1/stream`,
      protocol === 'sightline.v1.json' ? [protocol] : [],
      {
        headers: { authorization: `Bearer ${token}` },
      },
    )
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'subscribe', topics }))
      if (isSlow) socket.pause()
    })
    socket.on('error', () => (this.failures += 1))
    return { leave: () => socket.terminate() }
  }

  #bySse(topics: readonly string[], isSlow: boolean): Viewer {
    const { url, token } = this.#options
    const query = request(
      `${url}/api/v1/stream/sse?topics=${encodeURIComponent(topics.join(','))}`,
      { headers: { authorization: `Bearer ${token}` }, agent: false },
      (answer) => {
        answer.on('error', () => undefined)
        if (answer.statusCode !== 200) this.failures += 1
        if (!isSlow) answer.resume()
      },
    )
    query.on('error', () => undefined).end()
    return { leave: () => leave(query) }
  }

  async #ask(): Promise<void> {
    const job = this.#options.anyJob()
    const paths = [
      '/readyz',
      '/api/v1/progress',
      '/api/v1/vm-contexts?limit=50',
      '/api/v1/vma-polling/status',
      ...(job === undefined ? [] : [`/api/v1/progress/${job.id}/history`, `/api/v1/vm-contexts/${job.vm.name}`]),
    ] as [string, ...string[]]
    const { url, token } = this.#options
    try {
      const path = this.#random.pick(paths)
      const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
      await answer.arrayBuffer()
      this.asked += 1
    } catch {
      this.failures += 1
    }
  }
}

function leave(query: ClientRequest): void {
  query.destroy()
}
