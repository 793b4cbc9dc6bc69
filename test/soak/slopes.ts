/** How a figure moves over the second half of a run: its slope, told so that one outlier does not decide. */

/** A figure at a time; seconds since the run began. */
export interface Point {
  readonly at: number
  readonly value: number
}

export interface Slope {
  readonly mean: number
  readonly perHour: number
  /** Of the mean, an hour; 0 where the mean is 0. */
  readonly percentPerHour: number
  /** By how much the line rises from the first of the points to the last one. */
  readonly growth: number
  readonly points: number
}

const HOUR_S = 3_600

/** What began with the run (caches, code that is compiled, a fleet that comes) is in the first half. */
export function secondHalf(points: readonly Point[]): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return []
  const middle = (first.at + last.at) / 2
  return points.filter(({ at }) => at >= middle)
}

/**
 * The median of the slopes of all pairs (Theil and Sen): up to a quarter of the points may be anything, such as a sample
 * that was taken while the database was away, and a least-squares line would follow them.
 */
export function slopeOf(points: readonly Point[]): Slope {
  const mean = points.reduce((sum, { value }) => sum + value, 0) / Math.max(1, points.length)
  const slopes: number[] = []
  for (const [i, a] of points.entries())
    for (const b of points.slice(i + 1)) if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at))
  const perSecond = medianOf(slopes)
  const spanS = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0)
  const perHour = perSecond * HOUR_S
  return {
    mean,
    perHour,
    percentPerHour: mean === 0 ? 0 : (perHour / mean) * 100,
    growth: perSecond * spanS,
    points: points.length,
  }
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
