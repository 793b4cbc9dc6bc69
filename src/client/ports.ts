/** What the client needs of its surroundings: browser, Node, or a test. */

/** The parts of the standard WebSocket that are used. */
export interface SocketLike {
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void
}

export type OpenSocket = (url: string, protocols: readonly string[]) => SocketLike

export interface Timers {
  /** Milliseconds of a clock that never jumps. */
  now(): number
  setTimeout(work: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

type StandardSocket = new (url: string, protocols: string[]) => SocketLike

/** The standard WebSocket of browsers and of Node 22. */
export const openSocket: OpenSocket = (url, protocols) => {
  const Standard = (globalThis as { readonly WebSocket?: unknown }).WebSocket as StandardSocket | undefined
  if (Standard === undefined) throw new Error('no WebSocket here: hand one in as the option openSocket')
  return new Standard(url, [...protocols])
}

export const systemTimers: Timers = {
  now: () => performance.now(),
  setTimeout: (work, ms) => setTimeout(work, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout> | undefined),
}
