import t from 'tap'
import { benchArguments } from '../../bench/support/arguments.ts'
import { tableOf } from '../../bench/support/table.ts'
import { omaCores, threadTimes } from '../../bench/support/threads.ts'

const FLAGS = {
  jobs: { usual: '10000', short: '1000' },
  rounds: { usual: '3' },
  only: { usual: 'a,b' },
  before: {},
} as const

t.test('a flag beats the short profile, which beats the usual load', async (t) => {
  t.same(benchArguments(FLAGS, []).values, { jobs: '10000', rounds: '3', only: 'a,b' })
  t.same(benchArguments(FLAGS, ['--short']).values, { jobs: '1000', rounds: '3', only: 'a,b' })
  t.same(benchArguments(FLAGS, ['--short', '--jobs', '7', '--before', '/x']).values, {
    jobs: '7',
    rounds: '3',
    only: 'a,b',
    before: '/x',
  })
})

t.test('a part of a bench does not take the place of its kept figures', async (t) => {
  t.equal(benchArguments(FLAGS, []).outcome.isPartial, false)
  t.equal(benchArguments(FLAGS, ['--jobs', '7']).outcome.isPartial, false)
  t.equal(benchArguments(FLAGS, ['--only', 'a']).outcome.isPartial, true)
  t.equal(benchArguments(FLAGS, ['--only', 'a', '--out', 'f.json']).outcome.out, 'f.json')
})

t.test('a flag that nobody knows is no silent default', async (t) => {
  t.throws(() => benchArguments(FLAGS, ['--job', '7']), /Unknown option '--job'/)
})

t.test('an OMA’s workers are told apart by their order, and what is theirs stays theirs', async (t) => {
  const at = (seconds: number) => [
    { tid: 10, name: 'node', seconds },
    { tid: 11, name: 'node', seconds },
    { tid: 12, name: 'libuv-worker', seconds },
    { tid: 20, name: 'node', seconds: seconds * 2 },
    { tid: 21, name: 'node', seconds: seconds * 3 },
    { tid: 22, name: 'node', seconds: seconds * 4 },
  ]
  const cores = omaCores(at(1), at(2), { seconds: 1, before: new Set([10, 11]), pid: 10 })
  t.same(cores, { main: 1, database: 2, fetch: 7, busiestFetch: 4, helpers: 2 })
  t.same(omaCores([], [], { seconds: 1, before: new Set(), pid: 10 }).database, 0)
  t.ok(
    threadTimes().some(({ tid }) => tid === process.pid),
    'the main thread has the process’s id',
  )
})

t.test('a table has its numbers to the right', async (t) => {
  t.equal(
    tableOf([
      { name: 'a', 'x/s': 12_345 },
      { name: 'long', 'x/s': 1.5 },
    ]),
    ['name     x/s', '----  ------', 'a     12 345', 'long     1.5'].join('\n'),
  )
})
