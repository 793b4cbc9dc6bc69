import t from 'tap'
import { stopSignal } from '../../src/cli/stop-signal.ts'

t.test('the first signal asks for the end, a later one forces it, and one press passed on twice is one', async (t) => {
  let now = 0
  let forced = 0
  const before = process.listenerCount('SIGINT')
  const signal = stopSignal(
    () => (forced += 1),
    () => now,
  )
  process.emit('SIGINT')
  await signal.stopped
  now = 50
  process.emit('SIGINT')
  t.equal(forced, 0)
  now = 1_000
  process.emit('SIGTERM')
  t.equal(forced, 1)
  signal.close()
  t.equal(process.listenerCount('SIGINT'), before, 'no listener is left')
})

t.test('a command can end itself without a signal', async (t) => {
  const signal = stopSignal(() => t.fail('nobody forced anything'))
  signal.stop()
  await signal.stopped
  signal.close()
})
