/** How often a feed asks, and how much it tells at one time. */

import t from 'tap'
import { Feed } from '../../src/workers/feed.ts'
import type { VmaAnswer } from '../../src/workers/vma-client.ts'
import { FollowedVma } from '../support/followed-vma.ts'

type Done = (answer: VmaAnswer) => void

t.test('[POLL-10] a VMA that answers at once instead of waiting is not asked without end', async (t) => {
  const vma = new FollowedVma()
  let asked = 0
  const feed = new Feed({
    polls: { get: () => {} },
    client: {
      ask: (_path, _timeoutMs, done) => {
        asked += 1
        if (asked < 1_000) done({ ok: true, date: undefined, body: vma.feed.page('', 10, vma.now) })
      },
      close: () => {},
    },
    timeoutMs: 10_000,
    now: () => vma.now,
    random: () => 0.5,
    onChanged: () => {},
    onState: () => {},
  })
  feed.follow()
  t.equal(asked, 1)
  feed.close()
})

t.test('[POLL-10] a listing of many jobs is told in slices, each job once', async (t) => {
  const vma = new FollowedVma()
  const told: string[][] = []
  let [ask, since]: [Done, string] = [() => {}, '']
  const all = new Promise<void>((resolve) => {
    const feed = new Feed({
      polls: { get: () => {} },
      client: { ask: (_path, _timeoutMs, done) => (ask = done), close: () => {} },
      timeoutMs: 10_000,
      now: () => vma.now,
      random: () => 0.5,
      onChanged: (keys) => {
        told.push([...keys])
        if (told.flat().length === 1_000) resolve()
      },
      onState: () => {},
    })
    feed.follow()
    t.teardown(() => feed.close())
  })
  for (let i = 0; i < 1_000; i += 1)
    vma.take({ do: 'update', key: `key-${i}`, update: { stage: 'Transfer', bytes_transferred: i } })
  for (let more = true; more;) {
    const page = vma.feed.page(since, 10_000, vma.now)
    ask({ ok: true, date: undefined, body: JSON.parse(JSON.stringify(page)) })
    ;({ more, revision: since } = page)
  }
  t.equal(told.length, 1, 'the first slice at once')
  await all
  t.ok(told.length > 2)
  t.equal(new Set(told.flat()).size, 1_000)
})
