/** A change feed that fails, and VMAs that have none, with real processes. */

import t from 'tap'
import { json, status, truncated } from '../fakes/answers.ts'
import { ScriptedVma, type Answer } from '../fakes/scripted-vma.ts'
import { EXPORT, V181 } from '../support/documents.ts'
import { FeedRig, portOf, post, relayed, startVma, TOTAL } from '../support/feed-rig.ts'

t.test('[POLL-10] the feed is gone for good: its jobs are polled, without a gap and to the end', async (t) => {
  const vma = await startVma(t)
  const relay = await relayed(t, vma)
  const rig = await FeedRig.start(t, relay.url, { VMA_PROGRESS_POLL_INTERVAL: '300ms' })
  await rig.feedIs('following')
  await post(vma, 10_000)
  await rig.bytes(10_000)
  const old = await ScriptedVma.start()
  t.teardown(() => old.close())
  relay.to = portOf(old)
  await vma.stop('SIGKILL')
  const told = (bytes: number, word: string): Answer =>
    json({
      ...V181,
      status: word,
      bytes_transferred: bytes,
      total_bytes: TOTAL,
      timing: undefined,
      throughput: undefined,
    })
  old.script(EXPORT, told(20_000, 'Running'))
  await rig.bytes(20_000)
  await rig.feedIs('absent')
  old.script(EXPORT, told(TOTAL, 'Completed'))
  await rig.row('it is over', (row) => row['status'] === 'completed')
})

/** Pages in the order in which they are asked for, the last one again and again; what is asked over single GETs is 404. */
function scriptedFeed(...answers: readonly ((page: (told: number | undefined) => object) => Answer)[]) {
  let asked = 0
  const pageOf = (told: number | undefined): object => {
    const now = new Date().toISOString()
    const progress = {
      status: 'in_progress',
      sync_type: 'full',
      percentage: 10,
      current_operation: 'Transfer',
      bytes_transferred: told,
      total_bytes: TOTAL,
      aggregate: { throughput_bps: 0 },
      run: { number: 1, started_at: now, updated_at: now },
    }
    const jobs = told === undefined ? [] : [{ key: EXPORT, progress }]
    return { epoch: 'e', revision: `e.${asked}`, more: false, full: asked === 1, server_time: now, jobs, removed: [] }
  }
  return (key: string): Answer => {
    if (!key.startsWith('changes?')) return status(404)
    const answer = answers[Math.min(asked, answers.length - 1)]?.(pageOf)
    asked += 1
    return (response) => void setTimeout(() => answer?.(response), 50)
  }
}

t.test(
  '[POLL-10] an answer that breaks off in its middle is asked for again; no job is asked for by itself',
  async (t) => {
    const vma = await ScriptedVma.start({
      fallback: scriptedFeed(
        (page) => json(page(1_000)),
        (page) => json(page(undefined)),
        (page) => truncated(page(2_000)),
        (page) => truncated(page(2_000)),
        () => status(503),
        (page) => json(page(3_000)),
        (page) => json(page(undefined)),
      ),
    })
    t.teardown(() => vma.close())
    const rig = await FeedRig.start(t, vma.url)
    await rig.bytes(3_000)
    await rig.feedIs('following')
    t.equal(vma.asked(EXPORT).length, 0)
  },
)

t.test('[POLL-10] a VMA without a feed is polled as ever', async (t) => {
  const vma = await ScriptedVma.start()
  t.teardown(() => vma.close())
  vma.script(EXPORT, json({ ...V181, timing: undefined, throughput: undefined }))
  const rig = await FeedRig.start(t, vma.url, { VMA_PROGRESS_POLL_INTERVAL: '300ms' })
  await rig.bytes(V181.bytes_transferred)
  await rig.feedIs('absent')
  await vma.until((one) => one.asked(EXPORT).length > 3)
})
