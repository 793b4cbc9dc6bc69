/** A clock that all processes of a machine share and that never jumps. */

const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export function monotonicMs(): number {
  return OFFSET_MS + performance.now()
}
