/** The part of autocannon 9 that the benches use; the package brings no types. */

declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    readonly overallRate?: number
    readonly setupClient?: (client: autocannon.Client) => void
  }

  namespace autocannon {
    interface Request {
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body?: string
    }

    interface Client {
      setRequests(requests: readonly Request[]): void
    }

    interface Result {
      readonly '2xx': number
      readonly non2xx: number
      readonly errors: number
      readonly timeouts: number
    }
  }

  function autocannon(options: Options): PromiseLike<autocannon.Result> &
    EventEmitter<{
      response: [client: autocannon.Client, status: number, bytes: number, ms: number]
    }>

  export default autocannon
}
