import t from 'tap'
import { onLevelSignal, takeLevelSignals } from '../../src/cli/level-signal.ts'

t.test(
  '[LOG-2] signals that come before there is a log are kept for it, and after its end they do nothing',
  async (t) => {
    takeLevelSignals()
    t.teardown(() => process.removeAllListeners('SIGUSR2'))
    const signal = (): boolean => process.emit('SIGUSR2', 'SIGUSR2')
    let toggled = 0
    for (let i = 0; i < 3; i += 1) signal()
    const end = onLevelSignal(() => (toggled += 1))
    t.equal(toggled, 1, 'three are there, back, and there')
    signal()
    t.equal(toggled, 2)
    end()
    signal()
    t.equal(toggled, 2)
  },
)
