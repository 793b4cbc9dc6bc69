/**
 * Reads tap's stream (one subtest per file, the file's tests inside it) and keeps what a person needs: counts, and the
 * failing tests in full. Counted are the tests of each file (`t.test` at its top), not assertions.
 */

export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failed: number
  /** Skipped and todo: neither proves anything. */
  readonly skipped: number
  readonly time: string
  /** Everything the failing tests said, as it came. */
  readonly failures: readonly string[]
}

/** A test point: indentation, verdict, name, directive or time. */
const POINT = /^( *)(not ok|ok) \d+(?: - (.*?))?(?: # (SKIP|TODO|time=([\d.]+\w+)).*)?$/
const FILE_START = /^# Subtest: (.*)$/
const TEST_INDENT = 4
/** A detail block as long as this one says nothing more in its further lines. */
const MAX_LINES_KEPT = 2_000

export class TapSummary {
  readonly #onFile: (result: FileResult) => void
  #file = ''
  #passed = 0
  #failed = 0
  #skipped = 0
  /** What the present test has said so far. */
  #block: string[] = []
  #failures: string[] = []
  /** The lines after a failed point belong to it until the next test begins. */
  #failing = false
  /** Indentation of the detail block being read: nothing in it is a test point. */
  #detailIndent: string | undefined

  constructor(onFile: (result: FileResult) => void) {
    this.#onFile = onFile
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
    if (point?.[1]?.length === TEST_INDENT) return this.#endTest(line, point)
    if (point?.[1]?.length === 0) return this.#endFile(line, point)
    const start = FILE_START.exec(line)
    if (start === null) return this.#keep(line)
    this.#file = start[1] ?? ''
    // What followed the last file's point tells of that file.
    this.#block = []
  }

  #keep(line: string): void {
    const into = this.#failing && line.startsWith('      ') ? this.#failures : this.#block
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

  #endFile(line: string, [, , verdict, name = '', , time = '']: RegExpExecArray): void {
    // A file that cannot be loaded, or dies, may not have failed one test.
    const diedItself = verdict !== 'ok' && this.#failed === 0
    const result = {
      file: this.#file === '' ? name : this.#file,
      passed: this.#passed,
      failed: this.#failed + (diedItself ? 1 : 0),
      skipped: this.#skipped,
      time,
      failures: diedItself ? [...this.#block, line] : this.#failures,
    }
    this.#file = ''
    this.#passed = this.#failed = this.#skipped = 0
    this.#block = []
    this.#failures = []
    this.#failing = false
    this.#onFile(result)
  }
}
