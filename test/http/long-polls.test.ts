import t from 'tap'
import { LongPolls, type PollTimers } from '../../src/http/long-polls.ts'

/** Time passes when the test says so. */
class HandTimers implements PollTimers {
  #now = 0
  readonly #due = new Map<object, { readonly at: number; readonly work: () => void }>()

  get pending(): number {
    return this.#due.size
  }

  set(work: () => void, ms: number): object {
    const timer = {}
    this.#due.set(timer, { at: this.#now + ms, work })
    return timer
  }

  clear(timer: unknown): void {
    this.#due.delete(timer as object)
  }

  pass(ms: number): void {
    this.#now += ms
    for (const [timer, { at, work }] of this.#due) if (at <= this.#now && this.#due.delete(timer)) work()
  }
}

function rig() {
  const timers = new HandTimers()
  const polls = new LongPolls({ gatherMs: 30, maxWaiting: 3 }, timers)
  const answered: string[] = []
  const wait = (name: string, ms = 1_000, hasNews = false) => polls.wait(ms, hasNews, () => void answered.push(name))
  return { timers, polls, answered, wait }
}

t.test(
  '[VMA-11] everyone who waits is answered together, once what comes after the first change was gathered',
  async (t) => {
    const { timers, polls, answered, wait } = rig()
    wait('one')
    wait('two')
    timers.pass(500)
    polls.changed()
    timers.pass(20)
    polls.changed()
    t.same(answered, [], 'later changes put nothing off, and hurry nothing')
    timers.pass(10)
    t.same(answered, ['one', 'two'])
    t.equal(timers.pending, 0)
  },
)

t.test('[VMA-11] who is behind already is answered soon, without another change', async (t) => {
  const { timers, answered, wait } = rig()
  wait('behind', 1_000, true)
  wait('current')
  timers.pass(30)
  t.same(answered, ['behind'])
})

t.test('[VMA-11] nobody waits for longer than asked, gathering or not', async (t) => {
  const { timers, polls, answered, wait } = rig()
  wait('nothing happened', 100)
  timers.pass(100)
  t.same(answered, ['nothing happened'])
  wait('short', 5)
  polls.changed()
  timers.pass(5)
  t.same(answered, ['nothing happened', 'short'])
  timers.pass(30)
  t.equal(answered.length, 2, 'and nobody twice')
  t.equal(timers.pending, 0)
})

t.test('[VMA-11] one that went is forgotten with its timers, whenever it goes', async (t) => {
  const { timers, polls, answered, wait } = rig()
  const forgets = [wait('idle'), wait('gathering', 1_000, true)]
  for (const forget of forgets) forget()
  t.equal(polls.waiting, 0)
  t.equal(timers.pending, 0)
  for (const forget of forgets) forget()
  polls.changed()
  timers.pass(2_000)
  t.same(answered, [])
})

t.test('[VMA-11] the number of those who wait is bounded, gathering ones included', async (t) => {
  const { timers, polls, wait } = rig()
  wait('one')
  wait('two', 1_000, true)
  t.notOk(polls.isFull)
  const forget = wait('three')
  t.ok(polls.isFull)
  forget()
  t.notOk(polls.isFull)
  timers.pass(1_000)
  t.equal(polls.waiting, 0)
})

t.test('[VMA-11] closing answers everyone at once, and nobody waits any more', async (t) => {
  const { timers, polls, answered, wait } = rig()
  wait('idle')
  wait('gathering', 1_000, true)
  polls.close()
  t.same(answered, ['idle', 'gathering'])
  wait('late')
  t.same(answered, ['idle', 'gathering', 'late'])
  t.equal(timers.pending, 0)
})
