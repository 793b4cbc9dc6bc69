import t from 'tap'
import { oneAtATime } from '../../src/http/one-at-a-time.ts'

function rig() {
  const calls: PromiseWithResolvers<number>[] = []
  const ask = oneAtATime(() => {
    const call = Promise.withResolvers<number>()
    calls.push(call)
    return call.promise
  })
  return { calls, ask }
}

t.test('who comes while work is done shares the next one, and gets nothing older than the question', async (t) => {
  const { calls, ask } = rig()
  const first = ask()
  const [second, third] = [ask(), ask()]
  t.equal(calls.length, 1, 'one at work')
  calls[0]?.resolve(1)
  t.equal(await first, 1)
  const fourth = ask()
  t.equal(calls.length, 2, 'one at work for all who waited')
  calls[1]?.resolve(2)
  t.same(await Promise.all([second, third]), [2, 2])
  calls[2]?.resolve(3)
  t.equal(await fourth, 3, 'who came after the second began waited for a third')
  const fifth = ask()
  t.equal(calls.length, 4, 'at once where nothing is at work')
  calls[3]?.resolve(4)
  t.equal(await fifth, 4)
})

t.test('a failure is that of those who shared it', async (t) => {
  const { calls, ask } = rig()
  const first = ask()
  const second = ask()
  calls[0]?.reject(new Error('gone'))
  await t.rejects(first, { message: 'gone' })
  calls[1]?.resolve(2)
  t.equal(await second, 2)
})
