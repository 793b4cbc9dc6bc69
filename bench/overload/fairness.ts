/** Who was polled how often, and who waited longest, pure. */

export interface Fairness {
  /** Jobs that were there all the time. */
  readonly jobs: number
  /** That were not polled once. */
  readonly starved: number
  /** Mean interval of a job, over the jobs; milliseconds. */
  readonly intervalMs: { readonly least: number; readonly median: number; readonly most: number }
  /** Jain's index over the polls of each job: 1 when all got the same, 1/n when one got all. */
  readonly jain: number
  /** The longest time between two polls of any job; milliseconds. */
  readonly maxGapMs: number
  /** The longest gap of the job in the middle: what "evenly later" means is that the two are near. */
  readonly medianGapMs: number
}

interface Course {
  polls: number
  firstAt: number
  lastAt: number
  maxGapMs: number
}

export class Turns {
  readonly #courses = new Map<string, Course>()
  readonly #beganAt: number
  total = 0

  constructor(now: number) {
    this.#beganAt = now
  }

  polled(jobId: string, now: number): void {
    this.total += 1
    const course = this.#courses.get(jobId)
    if (course === undefined)
      this.#courses.set(jobId, { polls: 1, firstAt: now, lastAt: now, maxGapMs: now - this.#beganAt })
    else {
      course.polls += 1
      course.maxGapMs = Math.max(course.maxGapMs, now - course.lastAt)
      course.lastAt = now
    }
  }

  /** `jobIds`: those that were there all the time. */
  read(jobIds: readonly string[], now: number): Fairness {
    const courses = jobIds.map((id) => this.#courses.get(id))
    const spanMs = now - this.#beganAt
    const intervals = courses.map((course) => intervalOf(course, spanMs)).toSorted((a, b) => a - b)
    const gaps = courses
      .map((course) => (course === undefined ? spanMs : Math.max(course.maxGapMs, now - course.lastAt)))
      .toSorted((a, b) => a - b)
    const polls = courses.map((course) => course?.polls ?? 0)
    return {
      jobs: jobIds.length,
      starved: polls.filter((n) => n === 0).length,
      intervalMs: { least: intervals[0] ?? 0, median: middle(intervals), most: intervals.at(-1) ?? 0 },
      jain: jain(polls),
      maxGapMs: gaps.at(-1) ?? 0,
      medianGapMs: middle(gaps),
    }
  }
}

/** Of the polls themselves: by the span it would jump with the one poll that is just outside of it. */
function intervalOf(course: Course | undefined, spanMs: number): number {
  if (course === undefined || course.polls < 2) return spanMs
  return (course.lastAt - course.firstAt) / (course.polls - 1)
}

function middle(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? 0
}

function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares)
}
