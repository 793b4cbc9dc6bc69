/**
 * `npm run bench:gate [-- --base REV] [--pairs 5] [--polls 5000] [--jobs 1000] [--interval 500ms]`: does a poll cost more processor time
 * than at the last release? Exit codes: 0 no, 1 over 15 % more, 2 it could not be measured.
 */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fillDatabase } from '../oma/inventory.ts'
import { pollerSettings } from '../poll/settings.ts'
import { Child } from '../support/child.ts'
import { checkOut, defaultBase, ROOT } from './checkout.ts'
import type { GateAnswer, GateQuestion } from './poller-process.ts'
import { judge, sentence, type Pair } from './verdict.ts'

const UNMEASURED = 2

interface Load {
  readonly folder: string
  readonly vma: string
  readonly interval: string
  readonly polls: number
}

/** One run of the OMA of the checkout `root`, on a database of its own. */
async function costOf(root: string, { folder, vma, interval, polls }: Load): Promise<number> {
  const file = join(folder, 'run.db')
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  copyFileSync(join(folder, 'filled.db'), file)
  const child = Child.start(new URL('./poller-process.ts', import.meta.url), { args: [root] })
  try {
    const settings = pollerSettings({ database: `sqlite:${file}`, vma, interval })
    const answer = await child.ask<GateAnswer>({ settings, warm: polls, polls } satisfies GateQuestion)
    if (answer.failed > 0) throw new Error(`${answer.failed} polls failed: that is not what a poll costs`)
    return answer.usPerPoll
  } finally {
    await child.stop()
  }
}

async function pairsOf(base: string, count: number, load: Load): Promise<readonly Pair[]> {
  const pairs: Pair[] = []
  for (let i = 0; i < count; i += 1) {
    const isBaseFirst = i % 2 === 0
    const first = await costOf(isBaseFirst ? base : ROOT, load)
    const second = await costOf(isBaseFirst ? ROOT : base, load)
    const pair = isBaseFirst ? { base: first, ours: second } : { base: second, ours: first }
    pairs.push(pair)
    console.log(
      `base ${pair.base.toFixed(1)} µs, ours ${pair.ours.toFixed(1)} µs: ${(pair.ours / pair.base).toFixed(3)}`,
    )
  }
  return pairs
}

async function measured(folder: string): Promise<number> {
  const { values } = parseArgs({
    options: {
      base: { type: 'string' },
      pairs: { type: 'string', default: '5' },
      polls: { type: 'string', default: '5000' },
      jobs: { type: 'string', default: '1000' },
      interval: { type: 'string', default: '500ms' },
    },
  })
  const base = join(folder, 'base')
  const revision = values.base ?? defaultBase()
  console.log(`Base: ${revision} (${checkOut(revision, base).slice(0, 12)}). Processor time of a poll, all threads:`)
  await fillDatabase(`sqlite:${join(folder, 'filled.db')}`, { contexts: Number(values.jobs), jobsPerContext: 1 })
  const vma = Child.start(new URL('../poll/vma-process.ts', import.meta.url))
  try {
    const { interval } = values
    const load = { folder, vma: await vma.ask<string>({ ask: 'start' }), interval, polls: Number(values.polls) }
    const verdict = judge(await pairsOf(base, Number(values.pairs), load))
    console.log(sentence(verdict))
    return verdict.isLoss ? 1 : 0
  } finally {
    await vma.stop()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sightline-gate-'))
const forget = (): void => rmSync(folder, { recursive: true, force: true })
process.once('SIGINT', () => {
  forget()
  process.exit(UNMEASURED)
})
try {
  process.exitCode = await measured(folder)
} catch (cause) {
  console.error('It could not be measured:', cause)
  process.exitCode = UNMEASURED
} finally {
  forget()
}
