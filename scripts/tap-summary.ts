/**
 * Reads what one test file prints (TAP) and keeps what a person needs: counts, and the failing tests in full.
 * Counted are the file's tests (`t.test` at its top), not assertions.
 */

export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** Skipped and todo: neither proves anything. */
  readonly skipped: number
  readonly ms: number
  /** Everything the failing tests said, as it came. */
  readonly failures: readonly string[]
}

/** How the file's process ended. */
export interface FileEnd {
  readonly exitCode: number | null
  readonly ms: number
  /** What speaks against the file though no test of it failed: left processes, an end by a signal. */
  readonly complaints: readonly string[]
}

/** A test point: indentation, verdict, name, directive or time. */
const POINT = /^( *)(not ok|ok) \d+(?: - (.*?))?(?: # (SKIP|TODO|time=([\d.]+\w+)).*)?$/
const PLAN = /^1\.\.(\d+)/
/** A detail block as long as this one says nothing more in its further lines. */
const MAX_LINES_KEPT = 2_000

export class TapSummary {
  readonly #file: string
  #passed = 0
  #failed = 0
  #skipped = 0
  #planned: number | undefined
  /** What the present test has said so far. */
  #block: string[] = []
  readonly #failures: string[] = []
  /** The lines after a failed point belong to it until the next test begins. */
  #failing = false
  /** Indentation of the detail block being read: nothing in it is a test point. */
  #detailIndent: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  line(line: string): void {
    if (this.#detailIndent !== undefined) {
      if (line === `${this.#detailIndent}...`) this.#detailIndent = undefined
      return this.#keep(line)
    }
    const detail = /^( *)---$/.exec(line)
    if (detail !== null) {
      this.#detailIndent = detail[1] ?? ''
      return this.#keep(line)
    }
    const point = POINT.exec(line)
    if (point?.[1] === '') return this.#endTest(line, point)
    const plan = PLAN.exec(line)
    if (plan !== null) this.#planned = Number(plan[1])
    return this.#keep(line)
  }

  #keep(line: string): void {
    const into = this.#failing && line.startsWith('  ') ? this.#failures : this.#block
    if (into === this.#block) this.#failing = false
    if (into.length < MAX_LINES_KEPT) into.push(line)
  }

  #endTest(line: string, [, , verdict, , directive]: RegExpExecArray): void {
    const proven = directive !== 'SKIP' && directive !== 'TODO'
    if (!proven) this.#skipped += 1
    else if (verdict === 'ok') this.#passed += 1
    else this.#failed += 1
    this.#failing = proven && verdict !== 'ok'
    if (this.#failing) this.#failures.push(...this.#block, line)
    this.#block = []
  }

  /** The result. A file that died, or came to no plan, counts as one failed test when none of its own failed. */
  end({ exitCode, ms, complaints }: FileEnd): FileResult {
    const points = this.#passed + this.#failed + this.#skipped
    const against = [...complaints]
    if (this.#failed === 0 && exitCode !== 0) against.push(`ended with exit code ${exitCode}`)
    if (points === 0) against.push('brought no test')
    else if (this.#planned !== points) against.push(`ended after ${points} tests, before its plan was known`)
    const died = this.#failed === 0 && against.length > 0
    return {
      file: this.#file,
      passed: this.#passed,
      failed: this.#failed + (against.length > 0 ? 1 : 0),
      skipped: this.#skipped,
      ms,
      failures: [...this.#failures, ...(died ? this.#block : []), ...against.map((what) => `${this.#file} ${what}`)],
    }
  }
}
