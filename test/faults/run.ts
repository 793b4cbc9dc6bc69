/** Runs the faults side by side, each on a stage of its own, and asserts that nothing was lost. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { MariaDbServer } from '../support/mariadb-server.ts'
import { FAULTS } from './faults.ts'
import { Stage, type Outcome, type Scale } from './scenarios.ts'

export async function runFaults(t: Test, scale: Scale): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-faults-'))
  const [shared, own] = await Promise.all([MariaDbServer.start(), MariaDbServer.start()])
  t.teardown(async () => {
    await Promise.all([shared.stop(), own.stop()])
    rmSync(folder, { recursive: true, force: true })
  })
  const runs = Object.entries(FAULTS).map(async ([name, fault], i) => {
    const server = fault === FAULTS.databaseAway ? own : shared
    const jobs = fault === FAULTS.omaKilled ? scale.jobs : (scale.jobsElsewhere ?? scale.jobs)
    const stage = await Stage.open({ ...scale, jobs }, { server, name: name.toLowerCase(), seed: 1_000 + i, folder })
    try {
      return await fault.run(stage, server)
    } catch (cause) {
      t.comment(`${name}: the end of its log\n${stage.log.split('\n').slice(-30).join('\n')}`)
      throw cause
    } finally {
      await stage.close()
    }
  })
  // All of them, also when one fails: what they started is theirs to stop.
  const settled = await Promise.allSettled(runs)
  for (const run of settled) if (run.status === 'rejected') t.fail(`a scenario broke off: ${String(run.reason)}`)
  return settled.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []))
}

export function assertNothingLost(t: Test, outcome: Outcome): void {
  const { open, falseFailures, falseCompletions, wrong, remarks, atRisk } = outcome
  t.ok(atRisk > 0, `${atRisk} jobs were running`)
  t.equal(open, 0, 'no job is stuck')
  t.equal(falseFailures, 0, 'no false failure')
  t.equal(falseCompletions, 0, 'no false completion')
  t.same(wrong, [], 'rows, CBT history and counts are right')
  t.same(remarks, [], 'and on the way')
}
