import fc from 'fast-check'
import t from 'tap'
import { Agenda } from '../../src/sim/agenda.ts'

t.test('gives out what is due in the order of time, then of entry', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const agenda = new Agenda<{ at: number; n: number }>()
      times.forEach((at, n) => agenda.add(at, { at, n }))
      const expected = times.map((at, n) => ({ at, n })).sort((a, b) => a.at - b.at || a.n - b.n)
      const taken = times.map(() => agenda.take(20))
      return JSON.stringify(taken) === JSON.stringify(expected) && agenda.size === 0 && agenda.take(20) === undefined
    }),
  )
})

t.test('keeps what is not due yet, also when things are added in between', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))), (steps) => {
      const agenda = new Agenda<number>()
      const model: number[] = []
      for (const [at, now] of steps) {
        agenda.add(at, at)
        model.push(at)
        model.sort((a, b) => a - b)
        const first = model[0]
        const due = first !== undefined && first <= now ? model.shift() : undefined
        if (agenda.take(now) !== due || agenda.nextAt !== model[0]) return false
      }
      return agenda.size === model.length
    }),
  )
})
