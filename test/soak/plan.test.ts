/** The soak's fleet and its troubles do what they say. */

import t from 'tap'
import { agendaOf } from './agenda.ts'
import { hasSpoken, jobOf, updateAt, vmOf, type Fate } from './plan.ts'

t.test('a job says nothing that its fate forbids, and its last word is the one of its fate', async (t) => {
  const seen = new Set<Fate>()
  for (let index = 0; index < 1_000; index += 1) {
    const job = jobOf(index, vmOf(index, 1), 0, { seed: 1, lifeMs: 30_000 })
    seen.add(job.fate)
    for (const disk of job.vm.disks) {
      const words: string[] = []
      for (let at = 0; words.length === 0 || !hasSpoken(job, at - 500); at += 500) {
        const update = updateAt(job, disk, at)
        if (update !== undefined) words.push(update.status)
      }
      const last = words.at(-1)
      const speaksLast = job.fate !== 'silent' && job.fate !== 'cancelled'
      const wanted = !speaksLast ? 'in_progress' : job.fate === 'fails' ? 'failed' : 'completed'
      if (last !== wanted || words.slice(0, -1).some((word) => word !== 'in_progress'))
        t.fail(`${job.fate}: ${words.join(' ')}`)
    }
  }
  t.equal(seen.size, 5)
})

t.test('every kind of trouble comes in the shortest run too, and all are over before its end', async (t) => {
  for (const forMs of [90_000, 1_200_000])
    for (const seed of [1, 2, 3]) {
      const agenda = agendaOf(forMs, seed, 20_000)
      t.same(new Set(agenda.map(({ kind }) => kind)), new Set(['cut', 'thread', 'vma', 'database']))
      t.ok(agenda.every((trouble) => trouble.at + ('awayMs' in trouble ? trouble.awayMs : 0) < forMs))
      const own = agenda.filter((trouble) => trouble.kind === 'vma' && trouble.vma === 0)
      t.ok(own.length > 0)
      t.ok(
        own.every(({ at }) => at < forMs / 2),
        'the VMA whose memory is judged dies in the first half',
      )
    }
})
