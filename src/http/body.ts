/** A request body on its way in: bounded, and as text once it is whole. */

import { isAscii, isUtf8 } from 'node:buffer'

export class BodyCollector {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Takes the next chunk; the caller's memory is not kept. Returns false when the body is too large: what had been
   * collected is let go then.
   */
  add(chunk: ArrayBuffer): boolean {
    this.#size += chunk.byteLength
    if (this.#size > this.#maxBytes) {
      this.#chunks = []
      return false
    }
    if (chunk.byteLength > 0) this.#chunks.push(Buffer.from(Buffer.from(chunk)))
    return true
  }

  /** undefined when the whole is not UTF-8. */
  text(): string | undefined {
    const [first] = this.#chunks
    return textOf(this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks))
  }
}

/** Bytes → text, or undefined when they are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  // Most bodies are: their text is a copy, without a look at each byte.
  if (isAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
