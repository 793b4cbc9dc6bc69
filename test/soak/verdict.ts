/**
 * When a long run is good. A figure is *flat* when its line over the second half rises by no more than its allowance; it is
 * *back* when, everything being over, it stands no higher than before the first job plus what may stay. A figure that falls
 * is never a fault.
 */

import { secondHalf, slopeOf, type Point, type Slope } from './slopes.ts'

export interface Sample {
  /** Seconds since the run began. */
  readonly at: number
  readonly figures: Readonly<Record<string, number>>
}

/** What a figure may do; absent: it is told and not judged. */
export interface Allowance {
  /** Rise over the second half: so much of its mean, or so much outright, whichever is more. */
  readonly share?: number
  readonly atLeast?: number
  /** Above the baseline at the end. */
  readonly stays?: number
}

export type Allowances = Readonly<Record<string, Allowance>>

export interface Judged {
  readonly figure: string
  readonly slope: Slope
  readonly baseline: number
  readonly end: number
  /** In words; undefined: nothing is wrong with it. */
  readonly fault: string | undefined
}

export interface Run {
  /** Before the first job. */
  readonly baseline: Sample
  /** While there were jobs. */
  readonly samples: readonly Sample[]
  /** When all jobs and clients were gone. */
  readonly end: Sample
}

export function judgeRun({ baseline, samples, end }: Run, allowances: Allowances): readonly Judged[] {
  const names = Object.keys(end.figures)
  return names.map((figure) => {
    const points: Point[] = samples.flatMap(({ at, figures }) => {
      const value = figures[figure]
      return value === undefined ? [] : [{ at, value }]
    })
    const slope = slopeOf(secondHalf(points))
    const [before, after] = [baseline.figures[figure] ?? 0, end.figures[figure] ?? 0]
    const allowance = allowances[figure] ?? {}
    const fault = growthFault(slope, allowance) ?? endFault(before, after, allowance)
    return { figure, slope, baseline: before, end: after, fault }
  })
}

/** A slope of three points tells of nothing but chance. */
const FEWEST = 4

function growthFault({ growth, mean, points }: Slope, { share, atLeast = 0 }: Allowance): string | undefined {
  if (share === undefined) return undefined
  if (points < FEWEST) return `${points} samples in the second half: no slope`
  const most = Math.max(share * mean, atLeast)
  return growth > most ? `rises by ${round(growth)} over the second half; ${round(most)} may be` : undefined
}

function endFault(before: number, after: number, { stays }: Allowance): string | undefined {
  if (stays === undefined || after <= before + stays) return undefined
  return `${round(after)} at the end, ${round(before)} before the first job; ${round(stays)} more may stay`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
