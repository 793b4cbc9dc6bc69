import { EventEmitter } from 'node:events'
import t from 'tap'
import { ASCII, UNICODE } from '../../src/cli/bar.ts'
import { canDraw, glyphsFor, liveDisplay, paintFor, plainDisplay, type Watched } from '../../src/cli/display.ts'
import { restAfter } from '../../src/cli/paced.ts'
import type { Terminal } from '../../src/cli/screen.ts'
import type { TableJob } from '../../src/cli/table.ts'

const JOB: TableJob = {
  job_id: 'job-1',
  vm_name: 'pgtest1',
  status: 'replicating',
  replication_type: 'initial',
  current_operation: 'Transfer',
  progress_percent: 10,
  bytes_transferred: 10,
  total_bytes: 100,
  transfer_speed_bps: 1_048_576,
  eta_seconds: 90,
  disks_total: 1,
  disks_reporting: 1,
}
const DELAYS = { p50: 1, p99: 14, max: 20 }
const STATS = { polls: { ok: 10, failed: { timeout: 2 } }, lateness: DELAYS, loopDelay: DELAYS }

function watched(jobs: () => readonly TableJob[]): Watched {
  return { jobs, stats: () => STATS }
}

/** A terminal that keeps what its screen shows: enough of one for the sequences that are used here. */
class FakeTerminal extends EventEmitter implements Terminal {
  columns: number
  rows: number
  writableNeedDrain = false
  lines: string[] = ['']
  row = 0
  cursor = true
  wraps = true
  frames = 0

  constructor(columns: number, rows: number) {
    super()
    this.columns = columns
    this.rows = rows
  }

  hasColors(): boolean {
    return false
  }

  write(text: string): void {
    this.frames += 1
    // oxlint-disable-next-line no-control-regex
    for (const [part] of text.matchAll(/\x1b\[[?\d;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g)) this.#take(part)
  }

  #take(part: string): void {
    // oxlint-disable-next-line no-control-regex
    const up = /^\x1b\[(\d*)A$/.exec(part)
    if (up !== null) this.row -= Number(up[1] || 1)
    else if (part === '\n') this.lines[++this.row] ??= ''
    else if (part === '\x1b[2J') this.lines = ['']
    else if (part === '\x1b[H') this.row = 0
    else if (part === '\x1b[2K') this.lines[this.row] = ''
    else if (part === '\x1b[J') this.lines.length = Math.max(1, this.row)
    else if (part === '\x1b[?25l' || part === '\x1b[?25h') this.cursor = part.endsWith('h')
    else if (part === '\x1b[?7l' || part === '\x1b[?7h') this.wraps = part.endsWith('h')
    else if (part !== '\r' && !part.startsWith('\x1b')) this.lines[this.row] += part
    if (this.row < 0) throw new Error('the cursor left the screen at the top')
  }
}

t.test('the table is redrawn in place, follows the terminal’s size, and gives the cursor back', async (t) => {
  const terminal = new FakeTerminal(100, 24)
  const many = Array.from({ length: 40 }, (_, n): TableJob => ({ ...JOB, job_id: `job-${n}` }))
  let jobs: readonly TableJob[] = many
  const display = liveDisplay(
    watched(() => jobs),
    terminal,
    ['banner', ''],
  )
  t.equal(terminal.lines[0], 'banner')
  t.equal(terminal.lines.length, 23, 'the banner and a block that leaves one row')
  t.equal(terminal.cursor, false)
  terminal.columns = 50
  terminal.rows = 14
  terminal.emit('resize')
  t.equal(terminal.lines.length, 13)
  t.ok(terminal.lines.every((line) => line.length <= 50))
  jobs = many.slice(0, 2)
  terminal.emit('resize')
  t.equal(terminal.lines.filter((line) => line.startsWith('pgtest1')).length, 2)
  jobs = many.slice(0, 1)
  const figures = display.close()
  t.equal(
    terminal.lines.filter((line) => line.startsWith('pgtest1')).length,
    1,
    'a shorter block leaves nothing behind',
  )
  t.match(terminal, { cursor: true, wraps: true })
  t.equal(terminal.listenerCount('resize'), 0)
  t.match(figures, { active: 1, polls: 12, pollsFailed: 2 })
  const frames = terminal.frames
  terminal.emit('resize')
  t.equal(terminal.frames, frames, 'nothing is drawn after the end')
})

t.test('a terminal that is behind gets no more frames', async (t) => {
  const terminal = new FakeTerminal(100, 24)
  terminal.writableNeedDrain = true
  const display = liveDisplay(
    watched(() => [JOB]),
    terminal,
    ['banner'],
  )
  t.notOk(terminal.lines.some((line) => line.startsWith('pgtest1')))
  terminal.writableNeedDrain = false
  display.close()
  t.ok(terminal.lines.some((line) => line.startsWith('pgtest1')))
})

t.test('notes stand below the banner, the last few of them, once each, and cannot paint', async (t) => {
  const terminal = new FakeTerminal(100, 24)
  const display = liveDisplay(
    watched(() => []),
    terminal,
    ['banner'],
  )
  for (const text of ['one', 'two', 'two', 'three', 'four\x1b[2J\nfive']) display.note(text)
  t.same(terminal.lines.slice(0, 4), ['banner', '  note: two', '  note: three', '  note: four?[2J?five'])
  display.close()
})

t.test('without a terminal: a line for each event, in plain text', async (t) => {
  const lines: string[] = []
  let job = JOB
  const display = plainDisplay(
    watched(() => [job]),
    (line) => lines.push(line),
    ['banner'],
  )
  display.note('the database is locked')
  job = { ...JOB, status: 'failed', error_message: 'nbd: reset\nby peer' }
  t.match(display.close(), { active: 0, failed: 1 })
  t.equal(lines[0], 'banner')
  t.match(lines[1], /^\d\d:\d\d:\d\d {2}pgtest1 {2}job-1 {2}started {2}initial$/)
  t.match(lines[2], /^\d\d:\d\d:\d\d {2}note: the database is locked$/)
  t.match(lines[3], /^\d\d:\d\d:\d\d {2}pgtest1 {2}job-1 {2}failed {2}at 10\.0% {2}nbd: reset\?by peer$/)
})

t.test('block characters only where the terminal has them, colours only where it wants them', async (t) => {
  t.equal(glyphsFor({ LANG: 'en_GB.UTF-8', TERM: 'xterm' }), UNICODE)
  t.equal(glyphsFor({ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }), ASCII, 'LC_ALL holds')
  t.equal(glyphsFor({ LANG: 'en_GB.UTF-8', TERM: 'linux' }), ASCII)
  t.equal(glyphsFor({}), ASCII)
  t.equal(paintFor(new FakeTerminal(80, 24))('red', 'x'), 'x')
  const colourful = Object.assign(new FakeTerminal(80, 24), { hasColors: () => true })
  t.equal(paintFor(colourful)('red', 'x'), '\x1b[31mx\x1b[0m')
  t.same(
    [canDraw({ isTTY: true }, {}), canDraw({ isTTY: true }, { TERM: 'dumb' }), canDraw({}, {})],
    [true, false, false],
  )
})

t.test('the display takes half a percent of its thread at most, and still looks now and then', async (t) => {
  t.equal(restAfter(0.3, 250, 5_000), 250)
  t.equal(restAfter(13, 250, 5_000), 2_600)
  t.equal(restAfter(90, 250, 5_000), 5_000)
})
