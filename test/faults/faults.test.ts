import t from 'tap'
import { table } from './report.ts'
import { assertNothingLost, runFaults } from './run.ts'
import type { Scale } from './scenarios.ts'

/** Minutes become seconds; what is left of the rules is their order. */
const SHORT: Scale = {
  jobs: 200,
  jobsElsewhere: 60,
  transferMs: [13_000, 18_000],
  settings: {
    VMA_PROGRESS_POLL_INTERVAL: '1s',
    VMA_PROGRESS_DISCOVERY_INTERVAL: '1s',
    VMA_PROGRESS_STARTUP_GRACE: '10s',
    VMA_PROGRESS_CONTACT_TIMEOUT: '10s',
    VMA_PROGRESS_BACKOFF_BASE: '500ms',
  },
  kills: 3,
  databaseAwayMs: 4_000,
  vmaAwayMs: 3_000,
  vmaLostMs: 30_000,
  patienceMs: 30_000,
}

t.setTimeout(110_000)
const outcomes = await runFaults(t, SHORT)
for (const line of table(outcomes)) t.comment(line)

const RULES: Readonly<Record<string, string>> = {
  'OMA killed': '[RECOVER-1, DB-3]',
  'MariaDB away': '[DB-5]',
  'VMA away': '[POLL-8]',
  'VMA away for longer than the contact timeout': '[POLL-7, RECOVER-3]',
}
for (const outcome of outcomes) {
  t.test(`${RULES[outcome.fault]} ${outcome.fault}: ${outcome.done}`, async (t) => {
    assertNothingLost(t, outcome)
  })
}
