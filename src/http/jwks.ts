/** The public keys of a JWKS file, read anew while the service runs, so that keys can be changed without a restart. */

import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import { readJwks, type RsaPublicKey } from '../model/jwks.ts'
import type { Clock } from './route.ts'

export interface JwksOptions {
  readonly path: string
  /** As the file had them at start. */
  readonly keys: readonly RsaPublicKey[]
  readonly clock: Clock
  /** Told why the file could not be read again; the keys known so far stay. */
  readonly onFault: (error: Error) => void
}

/** Least time between two looks at the file; so long a key that was taken out may still open. */
const REREAD_MS = 30_000

export class JwksFile {
  readonly #options: JwksOptions
  #find: JWTVerifyGetKey
  #shown: string
  #nextLookAt: number
  #looking: Promise<void> | undefined
  /** Grows when the keys have changed: what was verified under an earlier one counts no more. */
  generation = 0

  constructor(options: JwksOptions) {
    this.#options = options
    this.#shown = JSON.stringify(options.keys)
    this.#find = keysOf(options.keys)
    this.#nextLookAt = options.clock.now() + REREAD_MS
  }

  readonly find: JWTVerifyGetKey = (header, token) => this.#find(header, token)

  /** Time to look at the file, before anything else is verified by it. */
  get isDue(): boolean {
    return this.#options.clock.now() >= this.#nextLookAt
  }

  /** Looks at the file if that is due, or waits for the look that is under way. */
  async refresh(): Promise<void> {
    if (this.isDue) {
      this.#nextLookAt = this.#options.clock.now() + REREAD_MS
      this.#looking = this.#look().finally(() => (this.#looking = undefined))
    }
    await this.#looking
  }

  async #look(): Promise<void> {
    const { path, onFault } = this.#options
    try {
      const set = readJwks(await readFile(path, 'utf8'))
      if ('problem' in set) return onFault(new Error(`${path} ${set.problem}`))
      const shown = JSON.stringify(set.keys)
      if (shown === this.#shown) return
      this.#shown = shown
      this.#find = keysOf(set.keys)
      this.generation += 1
    } catch (cause) {
      onFault(new Error(`${path} cannot be read`, { cause }))
    }
  }
}

function keysOf(keys: readonly RsaPublicKey[]): JWTVerifyGetKey {
  return createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) })
}
