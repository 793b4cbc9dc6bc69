import t from 'tap'
import { LogLevels, MAX_FOR_MS, type LevelTimers } from '../../src/telemetry/log-levels.ts'
import { createLogger } from '../../src/telemetry/log.ts'

function rig(level = 'info') {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const log = createLogger({ level, format: 'json', service: 'oma' }, { write })
  const waiting: { readonly work: () => void; readonly ms: number }[] = []
  const timers: LevelTimers = {
    now: () => 1_000,
    set: (work, ms) => {
      const timer = { work, ms }
      waiting.push(timer)
      return timer
    },
    clear: (timer) => {
      const at = waiting.findIndex((each) => each === timer)
      if (at >= 0) waiting.splice(at, 1)
    },
  }
  return { log, lines, waiting, levels: new LogLevels(log, timers) }
}

t.test('[LOG-2] another level holds for its time, then that of the settings is back', async (t) => {
  const { log, lines, levels, waiting } = rig()
  log.debug('unheard')
  levels.set('debug', 60_000)
  t.same(levels.view(), { level: 'debug', configured: 'info', until: 61_000 })
  log.debug('heard')
  t.match(lines, [{ msg: 'log level changed', from: 'info', to: 'debug', for_ms: 60_000 }, { msg: 'heard' }])
  t.equal(waiting[0]?.ms, 60_000)
  waiting[0]?.work()
  log.debug('unheard again')
  t.match(lines.slice(2), [{ msg: 'log level changed', from: 'debug', to: 'info', for_ms: null }])
  t.equal(lines.length, 3)
  t.same(levels.view(), { level: 'info', configured: 'info', until: undefined })
})

t.test('[LOG-2] a later order takes the place of the one before; that of the settings ends it', async (t) => {
  const { levels, waiting } = rig()
  levels.set('debug', 60_000)
  levels.set('trace', 2 * MAX_FOR_MS)
  t.equal(waiting.length, 1)
  t.same(levels.view(), { level: 'trace', configured: 'info', until: 1_000 + MAX_FOR_MS })
  levels.set('info', 60_000)
  t.equal(waiting.length, 0)
  t.same(levels.view(), { level: 'info', configured: 'info', until: undefined })
})

t.test('[LOG-2] a signal goes to debug and back, also out of an order that holds', async (t) => {
  const { levels, waiting } = rig('warn')
  levels.toggle()
  t.match(levels.view(), { level: 'debug', until: undefined })
  levels.toggle()
  t.match(levels.view(), { level: 'warn' })
  levels.set('trace', 60_000)
  levels.toggle()
  t.match(levels.view(), { level: 'warn', until: undefined })
  t.equal(waiting.length, 0)
})
