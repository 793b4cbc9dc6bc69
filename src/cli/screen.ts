/**
 * A block of lines at the bottom of a terminal, redrawn in place: one write a frame, erased line by line so that nothing
 * flickers. The cursor is hidden and wrapping is off while it stands; both come back at the end, on a crash too.
 */

/** What is used of a terminal's stream. */
export interface Terminal {
  readonly columns: number
  readonly rows: number
  readonly writableNeedDrain: boolean
  write(text: string): unknown
  hasColors(): boolean
  on(event: 'resize', listener: () => void): unknown
  off(event: 'resize', listener: () => void): unknown
}

const BEGIN_FRAME = '\x1b[?2026h\x1b[?25l\x1b[?7l'
const END_FRAME = '\x1b[?7h\x1b[?2026l'
const SHOW_CURSOR = '\x1b[?25h'
/** Before the text: after a line that fills the width, the cursor still stands on its last character. */
const ERASE_LINE = '\x1b[2K'
const ERASE_BELOW = '\x1b[J'
const ERASE_ALL = '\x1b[2J\x1b[H'

export class Screen {
  readonly #stream: Terminal
  readonly #restore = () => this.close()
  #lines = 0
  #closed = false

  constructor(stream: Terminal) {
    this.#stream = stream
    process.once('exit', this.#restore)
  }

  /** Replaces the block. A frame is left out while the terminal is behind. */
  draw(lines: readonly string[]): void {
    if (this.#closed || this.#stream.writableNeedDrain) return
    const body = lines.map((line) => ERASE_LINE + line).join('\n')
    const below = lines.length < this.#lines ? `\n${ERASE_BELOW}\x1b[A` : ''
    this.#stream.write(BEGIN_FRAME + this.#toTop() + body + below + END_FRAME)
    this.#lines = lines.length
  }

  /** Begins anew on an empty screen, as after a resize: the terminal may have wrapped what stood there. */
  reset(banner: readonly string[]): void {
    if (this.#closed) return
    this.#stream.write(ERASE_ALL + banner.map((line) => `${line}\n`).join(''))
    this.#lines = 0
  }

  /** Leaves the last frame where it is, and the cursor below it. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    process.removeListener('exit', this.#restore)
    this.#stream.write(`${this.#lines > 0 ? '\n' : ''}${SHOW_CURSOR}`)
  }

  #toTop(): string {
    if (this.#lines === 0) return '\r'
    return this.#lines === 1 ? '\r' : `\r\x1b[${this.#lines - 1}A`
  }
}
