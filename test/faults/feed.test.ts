/** A change feed at work, and a VMA and a network that give it trouble, with real processes. */

import t from 'tap'
import { DOCUMENTED_JOB } from '../support/inventory.ts'
import { FeedRig, portOf, post, relayed, startVma, TOTAL } from '../support/feed-rig.ts'
import { StreamClient } from '../support/stream-server.ts'

function holds(job: object, bytes: number): boolean {
  return 'bytes_transferred' in job && job.bytes_transferred === bytes
}

t.test('[POLL-10] a change reaches the row and a GUI while no poll is due for an hour, to the end', async (t) => {
  const vma = await startVma(t)
  const rig = await FeedRig.start(t, vma.url)
  await rig.feedIs('following')
  const client = await StreamClient.open(t, Number(new URL(rig.oma.url).port))
  client.say({ type: 'subscribe', topics: [`job:${DOCUMENTED_JOB}`] })
  await client.saw(({ type }) => type === 'snapshot')
  for (const bytes of [10_000, 20_000, 30_000]) {
    await post(vma, bytes)
    await client.saw((frame) => frame.type === 'delta' && frame.jobs.some((job) => holds(job, bytes)))
    await rig.bytes(bytes)
  }
  t.equal((await rig.status()).polls_total, 0)
  await post(vma, TOTAL)
  await client.saw((frame) => frame.type === 'event' && frame.event === 'completed')
  t.match(await rig.row('it is over', (row) => row['status'] === 'completed'), { bytes_transferred: TOTAL })
})

t.test('[POLL-10] with the feed switched off nothing comes before its poll', async (t) => {
  const vma = await startVma(t)
  await post(vma, 10_000)
  const rig = await FeedRig.start(t, vma.url, { VMA_PROGRESS_FEED: 'off', VMA_PROGRESS_POLL_INTERVAL: '300ms' })
  await rig.bytes(10_000)
  t.match(await rig.status(), { vmas: [{ feed: 'off' }] })
})

t.test('[POLL-10] the VMA is killed, and comes back with another life and without memory', async (t) => {
  const vma = await startVma(t)
  const relay = await relayed(t, vma)
  const rig = await FeedRig.start(t, relay.url)
  await rig.feedIs('following')
  await post(vma, 10_000)
  await rig.bytes(10_000)
  await vma.stop('SIGKILL')
  await rig.feedIs('broken')
  const next = await startVma(t)
  relay.to = portOf(next)
  await post(next, 20_000)
  await rig.bytes(20_000)
  await rig.feedIs('following')
  await post(next, TOTAL)
  await rig.row('it is over', (row) => row['status'] === 'completed')
})

t.test('[POLL-10] answers of the feed that never arrive, and connections that are cut, lose nothing', async (t) => {
  const vma = await startVma(t)
  const relay = await relayed(t, vma)
  const rig = await FeedRig.start(t, relay.url)
  await rig.feedIs('following')
  for (const bytes of [10_000, 20_000, 30_000, 40_000]) {
    if (bytes % 20_000 === 0) relay.swallowAnswerTo('/progress/changes?')
    else relay.cut(() => true)
    await post(vma, bytes)
    await rig.bytes(bytes)
  }
  await post(vma, TOTAL)
  await rig.row('it is over', (row) => row['status'] === 'completed')
})
