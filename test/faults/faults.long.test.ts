/** The faults at the real settings, some twelve minutes; writes the first part of docs/reliability.md. */

import { readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { document, renewed, table } from './report.ts'
import { assertNothingLost, runFaults } from './run.ts'
import type { Scale } from './scenarios.ts'

const MINUTE = 60_000

const LONG: Scale = {
  jobs: 200,
  transferMs: [7 * MINUTE, 10 * MINUTE],
  settings: {},
  kills: 8,
  databaseAwayMs: 20_000,
  vmaAwayMs: 2 * MINUTE,
  vmaLostMs: 7 * MINUTE,
  patienceMs: 5 * MINUTE,
}

t.setTimeout(30 * MINUTE)
const outcomes = await runFaults(t, LONG)
for (const line of table(outcomes)) t.comment(line)
const DOCUMENT = 'docs/reliability.md'
const found = document(outcomes, LONG, `on ${new Date().toISOString().slice(0, 10)}, 2 cores`)
writeFileSync(DOCUMENT, renewed(readFileSync(DOCUMENT, 'utf8'), found))

for (const outcome of outcomes) {
  t.test(`${outcome.fault}: ${outcome.done}`, async (t) => {
    assertNothingLost(t, outcome)
  })
}
