/** What `watch` and `job` draw, whatever the width, and that old numbers never look new. */

import t from 'tap'
import { ASCII, UNICODE } from '../../../src/cli/bar.ts'
import { jobLines, whyLines } from '../../../src/cli/remote/detail.ts'
import { endOf } from '../../../src/cli/remote/outcome.ts'
import { detailFrame, tableFrame } from '../../../src/cli/remote/show-live.ts'
import type { Scene } from '../../../src/cli/remote/show.ts'
import { totalsOf, totalSegments } from '../../../src/cli/remote/totals.ts'
import { whyText } from '../../../src/cli/remote/why.ts'
import { displayWidth } from '../../../src/cli/text.ts'
import type { LiveJob } from '../../../src/client/index.ts'
import { VERDICTS } from '../../../src/model/verdict.ts'
import { MOVING_JOB, TOLD_AT } from '../../support/live-job.ts'

const STALLED: LiveJob = {
  ...MOVING_JOB,
  verdict: 'stalled',
  transfer_speed_bps: 0,
  eta_seconds: null,
  eta_low_seconds: null,
  eta_high_seconds: null,
  vm_name: '会計サーバー\x1b[2J',
  poller: {
    ...MOVING_JOB.poller,
    state: 'backingOff',
    consecutive_errors: 2,
    last_error: { code: 'timeout', message: 'no answer within 10 s', at: '2025-09-09T11:48:47Z' },
  },
}
const FAILED: LiveJob = { ...MOVING_JOB, status: 'failed', verdict: 'finished', error_message: 'NFC error\n14009' }
const view = (width: number) => ({
  width,
  height: 30,
  glyphs: UNICODE,
  paint: (_: string, text: string) => text,
  now: TOLD_AT,
  agedBy: 0,
  isLive: true,
})

function scene(jobs: readonly LiveJob[], fields: Partial<Scene> = {}): Scene {
  const byId = new Map(jobs.map((job, i) => [`${i}`, job]))
  return { jobs: byId, isLive: true, state: { name: 'live' }, staleFor: 0, agedBy: () => 0, ...fields }
}

t.test('[CLI-4] one job in full: bar, bytes, speed, ETA as a range, verdict with its since, ages', async (t) => {
  t.same(jobLines(MOVING_JOB, view(100)), [
    'pgtest1  job-20250909-114850.709-8034ee1  full',
    'replicating · Transfer · moving for 3m',
    `${'█'.repeat(19)}▋${'·'.repeat(20)}  49.3%  17.7/36.0 GiB  11.5 MiB/s  ETA 25m-31m`,
    `  disk-2000    ${'█'.repeat(10)}${'·'.repeat(10)}  50.0%  9.0/18.0 GiB  8.0 MiB/s`,
    `  disk-2001    ${'·'.repeat(20)}   0.0%  not heard of  0.0/18.0 GiB`,
  ])
  const told = whyLines(STALLED, view(100)).join('\n')
  t.match(told, /^why +updates come, bytes do not: look at the storage/m)
  t.match(told, /^ages +source 2s ago, contact 1s ago, written 4s ago$/m)
  t.match(told, /^last error +timeout: no answer within 10 s \(2 in a row, the last 3s ago\)$/m)
  t.match(told, /^next poll +in 4s$/m)
})

t.test('[CLI-4] no line is wider than the terminal, down to 40 columns, and no name paints over it', async (t) => {
  const jobs = [MOVING_JOB, STALLED, FAILED]
  for (let width = 40; width <= 140; width += 1) {
    for (const glyphs of [UNICODE, ASCII]) {
      const own = { ...view(width), glyphs }
      for (const frame of [tableFrame, detailFrame]) {
        for (const isLive of [true, false]) {
          const state = {
            name: 'reconnecting',
            attempt: 3,
            inMs: 1,
            reason: 'connect ECONNREFUSED 127.0.0.1:8082',
          } as const
          for (const line of frame(scene(jobs, isLive ? {} : { isLive, state, staleFor: 75 }), own)) {
            if (displayWidth(line) > width) t.fail(`${width}: ${line}`)
            // oxlint-disable-next-line no-control-regex
            if (/[\x00-\x1f]/.test(line)) t.fail(`control: ${JSON.stringify(line)}`)
          }
        }
      }
      for (const line of jobs.flatMap((job) => whyLines(job, own)))
        if (displayWidth(line) > width) t.fail(`${width}: ${line}`)
    }
  }
  t.ok(tableFrame(scene(jobs), view(40)).some((line) => /pgtest1 .*49\.3%/.test(line)))
})

t.test(
  '[CLI-4] what is old says so in words, has no speed and no ETA, and the colour of nothing that moves',
  async (t) => {
    const painted: string[] = []
    const paint = (style: string, text: string): string => {
      painted.push(style)
      return text
    }
    const old = scene([MOVING_JOB], { isLive: false, state: { name: 'connecting' }, staleFor: 75 })
    for (const frame of [tableFrame, detailFrame]) {
      const lines = frame(old, { ...view(120), paint })
      t.match(lines[0], /^NOT LIVE · connecting · as it was 1m ago/)
      t.notMatch(lines.join('\n'), /11\.5|25m-31m|27m11s/)
      t.match(lines.join('\n'), /49\.3%/, 'how far it was is still said')
    }
    t.notOk(
      painted.some((style) => ['cyan', 'green', 'red'].includes(style)),
      painted.join(' '),
    )
    const behind = scene([MOVING_JOB], { isLive: false, staleFor: 2 })
    t.match(tableFrame(behind, view(120))[0], /^NOT LIVE · catching up · as it was 2s ago/)
    t.same(tableFrame(scene([], { isLive: false, state: { name: 'connecting' } }), view(80)), ['connecting'])
  },
)

t.test('[CLI-4] the table tells the verdict with its since, and the fleet in one line', async (t) => {
  const lines = tableFrame(scene([MOVING_JOB, STALLED, FAILED]), view(150))
  t.equal(lines[0], 'live · 2 running · 1 moving · 1 stalled · 1 failed · 11.5 MiB/s · ETA 25m-31m')
  t.match(
    lines.find((line) => line.includes('stalled 3m')),
    /会計サーバー/,
  )
  t.match(
    lines.find((line) => line.startsWith('pgtest1')),
    / 25m-31m /,
  )
  t.same(totalSegments(totalsOf([])), ['0 running', '0.0 MiB/s'])
})

t.test('[CLI-4] each end has its exit code; silence is no failure that somebody saw', async (t) => {
  t.match(endOf({ ...MOVING_JOB, status: 'completed' }), { name: 'completed', code: 0 })
  t.match(endOf(FAILED), { name: 'failed', code: 1, why: /failed at 49\.3%: NFC error\?14009$/ })
  t.match(endOf({ ...MOVING_JOB, status: 'cancelled' }), { name: 'failed', code: 1 })
  t.match(endOf({ ...FAILED, poller: { ...FAILED.poller, state: 'lost' } }), { name: 'lost', code: 2 })
  for (const verdict of VERDICTS) t.ok(whyText({ ...MOVING_JOB, verdict }).length > 5, verdict)
})
