/** A histogram for hot paths: recording is a look along some fifteen bounds and two additions, without any object made. */

export interface BucketCounts {
  /** Upper bounds, ascending; what is beyond the last one is in the sum and the count alone. */
  readonly bounds: readonly number[]
  /** How many were in each, the last for what is beyond; not cumulative. */
  readonly counts: ArrayLike<number>
  readonly sum: number
}

export class Buckets implements BucketCounts {
  readonly bounds: readonly number[]
  readonly counts: Float64Array
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  record(value: number): void {
    const { bounds, counts } = this
    let at = 0
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1
    counts[at] = (counts[at] ?? 0) + 1
    this.sum += value
  }
}

/** Answers of VMAs: 1 ms on the same machine, up to the request timeout and beyond. Seconds. */
export const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Rows in one flush. */
export const ROW_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
