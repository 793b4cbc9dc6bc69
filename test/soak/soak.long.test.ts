/** The soak in short, some four minutes: every kind of trouble, every end judged, and nothing left when all is over. */

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { soak } from './run.ts'

const SECOND = 1_000

t.setTimeout(20 * 60 * SECOND)
const folder = mkdtempSync(join(tmpdir(), 'sightline-soak-'))
// MariaDB runs as another user than root.
chmodSync(folder, 0o755)
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('[LIFE-1] a fleet under troubles ends each job once and leaves nothing behind', async (t) => {
  const result = await soak({
    forMs: 90 * SECOND,
    jobs: 1_500,
    atOnce: 250,
    seed: 7,
    clients: 16,
    reportMs: 3 * SECOND,
    calm: false,
    sampleMs: 3 * SECOND,
    folder,
    tell: (line) => t.comment(line),
  })
  t.same(result.faults, [])
  for (const [kind, times] of Object.entries(result.troubles)) t.ok(times > 0, `${times} × ${kind}`)
})
