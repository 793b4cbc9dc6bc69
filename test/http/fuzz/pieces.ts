/** What several kinds of attack are made of. */

import type { Random } from '../../../src/sim/random.ts'
import type { Target } from './attacks.ts'

const BAD_BEARERS = [
  '',
  'Bearer ',
  'Bearer x',
  'bearer \t',
  'Basic b21hOm9tYQ==',
  `Bearer ${'A'.repeat(2_000)}`,
  'Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6InJlYWQiLCJleHAiOjk5OTk5OTk5OTl9.',
  'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6InJlYWQiLCJleHAiOjk5OTk5OTk5OTl9.AAAA',
  'Bearer e30.e30.e30',
  'Bearer a.b.c',
  'Bearer \u0000\u0001',
] as const

export function bearerOf(random: Random, target: Target, isGood: boolean): string {
  return isGood ? `Bearer ${random.pick(target.tokens)}` : random.pick(BAD_BEARERS)
}

export function bytesOf(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)))
}

/** The bytes in one piece, or cut somewhere. */
export function cut(random: Random, bytes: Buffer): Buffer[] {
  if (random.chance(0.6)) return [bytes]
  const at = random.integer(0, bytes.length)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}
