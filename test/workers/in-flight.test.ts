/** POLL-9: requests are limited, jobs are not, and nobody waits for another. */

import t from 'tap'
import { hang, json } from '../fakes/answers.ts'
import { transfer } from '../fakes/documents.ts'
import { exportOf, planOf, pollRig } from '../support/poll-rig.ts'

const plan = (key: string) => [{ ...planOf(1)[0]!, key }]

t.test(
  '[POLL-9] 200 jobs over 5 connections: all are answered, never more than 5 at once, never one twice',
  async (t) => {
    const { vma, progress, track, client } = await pollRig(t, {
      maxConcurrent: 5,
      vma: { fallback: () => (response) => setImmediate(() => json(transfer(1, 2))(response)) },
    })
    const slots = Array.from({ length: 200 }, (_, slot) => slot)
    for (const slot of slots) track({ slot, jobId: `job-${slot}`, plan: plan(`export-${slot}`) })
    for (let round = 0; round < 2; round += 1) await Promise.all(slots.map((slot) => progress(slot)))
    t.equal(vma.asked().length, 400)
    t.ok(vma.mostInFlight <= 5, `${vma.mostInFlight} in flight`)
    t.same(vma.overlapping, [])
    t.equal(client.inFlight + client.waiting, 0)
  },
)

t.test('[POLL-9] a request that hangs holds one place and delays nobody', async (t) => {
  const { vma, progress, code, track, client } = await pollRig(t, { maxConcurrent: 2, timeoutMs: 1_500 })
  vma.script(exportOf(0), hang)
  track({ slot: 0 })
  const hanging = code(0)
  await vma.until(() => vma.asked(exportOf(0)).length === 1)
  for (let slot = 1; slot <= 50; slot += 1) {
    vma.script(`export-${slot}`, json(transfer(1, 2)))
    track({ slot, jobId: `job-${slot}`, plan: plan(`export-${slot}`) })
    await progress(slot)
    t.equal(client.inFlight, 1, 'the hanging one is still under way')
  }
  t.equal(await hanging, 'timeout')
  t.equal(client.inFlight, 0)
})

t.test('[POLL-9] a VMA that hangs does not hold up another', async (t) => {
  const silent = await pollRig(t, { maxConcurrent: 1, timeoutMs: 1_500 })
  const well = await pollRig(t, { maxConcurrent: 1 })
  silent.vma.script(exportOf(0), hang)
  well.vma.script(exportOf(0), json(transfer(1, 2)))
  silent.track()
  well.track()
  const hanging = silent.code()
  await silent.vma.until((vma) => vma.inFlight === 1)
  for (let i = 0; i < 20; i += 1) await well.progress()
  t.equal(silent.client.inFlight, 1)
  t.equal(await hanging, 'timeout')
})
