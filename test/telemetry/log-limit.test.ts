import t from 'tap'
import { LogLimit, type LimitTimers } from '../../src/telemetry/log-limit.ts'
import { createLogger } from '../../src/telemetry/log.ts'

/** A clock in the test's hand. */
class Hand implements LimitTimers {
  #now = 0
  #timers: { readonly at: number; readonly work: () => void }[] = []

  now(): number {
    return this.#now
  }

  set(work: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, work }
    this.#timers.push(timer)
    return timer
  }

  clear(timer: unknown): void {
    this.#timers = this.#timers.filter((each) => each !== timer)
  }

  get waiting(): number {
    return this.#timers.length
  }

  pass(ms: number): void {
    this.#now += ms
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { work } of due) work()
  }
}

function rig(limit: number) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const hand = new Hand()
  const limits = new LogLimit(limit, hand)
  const log = createLogger({ level: 'debug', format: 'json', service: 'oma' }, { write }, limits)
  return { log, lines, hand, limits, texts: () => lines.map(({ msg }) => msg) }
}

const away = Object.assign(new Error('no way'), { code: 'ECONNREFUSED' })

t.test('[LOG-3] the same error is written so often a minute, and then how many more there were', async (t) => {
  const { log, lines, hand, limits, texts } = rig(3)
  for (let i = 0; i < 127; i += 1) log.error({ err: away, job_id: `job-${i}` }, 'not taken')
  t.equal(lines.length, 3)
  t.equal(limits.suppressed.error, 124)
  hand.pass(59_999)
  t.equal(lines.length, 3)
  hand.pass(1)
  t.match(lines.at(-1), { msg: 'not taken: 124 more in 60 s', repeated: 124, code: 'ECONNREFUSED', level: 50 })
  log.error({ err: away }, 'not taken')
  t.equal(texts().at(-1), 'not taken', 'the next minute begins anew')
  t.equal(limits.written.error, 5, 'lines that were written, that one included')
  t.equal(hand.waiting, 0, 'nothing waits while nothing is left out')
})

t.test('[LOG-3] another code, message or level is another line; what is no trouble is never left out', async (t) => {
  const { log, lines, limits } = rig(1)
  log.warn({ err: away }, 'a')
  log.warn({ err: Object.assign(new Error('x'), { code: 'ETIMEDOUT' }) }, 'a')
  log.warn({ code: 'timeout' }, 'a')
  log.warn('a')
  log.error('a')
  log.error(away)
  log.warn('b')
  t.equal(lines.length, 7)
  log.warn('b')
  log.error(away)
  t.equal(lines.length, 7)
  for (let i = 0; i < 5; i += 1) log.info('usual')
  for (let i = 0; i < 5; i += 1) log.fatal('the end')
  t.equal(lines.length, 17)
  t.same(limits.suppressed, { trace: 0, debug: 0, info: 0, warn: 1, error: 1, fatal: 0 })
})

t.test('[LOG-3] at the end of the service what was left out is told, and 0 leaves nothing out', async (t) => {
  const { log, limits, texts, hand } = rig(1)
  for (let i = 0; i < 4; i += 1) log.warn('again')
  hand.pass(7_000)
  limits.close()
  t.same(texts(), ['again', 'again: 3 more in 7 s'])
  t.equal(hand.waiting, 0)
  const unlimited = rig(0)
  for (let i = 0; i < 100; i += 1) unlimited.log.warn('again')
  t.equal(unlimited.lines.length, 100)
  t.equal(unlimited.limits.written.warn, 100)
})

t.test(
  '[LOG-3] memory is bounded however many kinds of lines there are; those beyond share one allowance',
  async (t) => {
    const { log, lines, hand, texts } = rig(2)
    for (let i = 0; i < 1_500; i += 1) log.warn(`kind ${i}`)
    t.equal(lines.length, 1_002)
    hand.pass(60_000)
    t.equal(texts().at(-1), 'further kinds of lines: 498 more in 60 s')
    log.warn('kind 1499')
    t.equal(texts().at(-1), 'kind 1499', 'there is room again')
  },
)
