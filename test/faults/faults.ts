/** The faults: each does one thing to a stage and tells what came of it. */

import { formatDuration } from '../../src/model/units.ts'
import type { MariaDbServer } from '../support/mariadb-server.ts'
import { until } from '../support/service.ts'
import { lostJobs, openJobs } from './fleet.ts'
import { lasting, type Outcome, type Stage } from './scenarios.ts'

export interface Fault {
  readonly name: string
  run(stage: Stage, server: MariaDbServer): Promise<Outcome>
}

/** RECOVER-1: the OMA polls again within 10 s. */
const RECOVERY_MS = 10_000

const omaKilled: Fault = {
  name: 'OMA killed',
  async run(stage) {
    const { kills, transferMs } = stage.scale
    const atRisk = await stage.running()
    let recoveryMs = 0
    const remarks: string[] = []
    for (let i = 0; i < kills; i += 1) {
      await stage.killOma()
      await stage.startOma()
      const tookMs = await stage.heardOfAll(Date.now(), 60_000)
      recoveryMs = Math.max(recoveryMs, tookMs)
      if (tookMs > RECOVERY_MS) remarks.push(`polled again only after ${tookMs} ms`)
      // A random moment of what is left, so that a kill may hit any stage of any write.
      await lasting((Math.random() * transferMs[0]) / (2 * kills))
    }
    return {
      ...(await stage.judge()),
      fault: this.name,
      done: `SIGKILL ${kills} times at random moments`,
      atRisk,
      recoveryMs,
      remarks,
    }
  },
}

const databaseAway: Fault = {
  name: 'MariaDB away',
  async run(stage, server) {
    const atRisk = await stage.running()
    const remarks: string[] = []
    await server.kill()
    await lasting(stage.scale.databaseAwayMs)
    if ((await stage.readiness()) !== 503) remarks.push('/readyz did not say so')
    await server.restart()
    const back = Date.now()
    await until('the OMA is ready again', async () => ((await stage.readiness()) === 200 ? true : undefined), 60_000)
    const recoveryMs = Date.now() - back
    const done = `SIGKILL, back after ${formatDuration(stage.scale.databaseAwayMs)}`
    return { ...(await stage.judge()), fault: this.name, done, atRisk, recoveryMs, remarks }
  },
}

const vmaAway: Fault = {
  name: 'VMA away',
  async run(stage) {
    const atRisk = await stage.running()
    await stage.vma.kill()
    await lasting(stage.scale.vmaAwayMs)
    const failed = await lostJobs(stage.on, stage.jobs)
    await stage.vma.start()
    const recoveryMs = await stage.heardOfAll(Date.now(), 60_000)
    const done = `SIGKILL, back after ${formatDuration(stage.scale.vmaAwayMs)}`
    const remarks = failed > 0 ? [`${failed} jobs were failed while it was away`] : []
    return { ...(await stage.judge()), fault: this.name, done, atRisk, recoveryMs, remarks }
  },
}

const vmaLost: Fault = {
  name: 'VMA away for longer than the contact timeout',
  async run(stage) {
    const atRisk = await stage.running()
    await stage.vma.kill()
    const killedAt = Date.now()
    await until(
      'every job is failed',
      async () => ((await openJobs(stage.on)) === 0 ? true : undefined),
      stage.scale.vmaLostMs,
    )
    const failed = await lostJobs(stage.on, stage.jobs)
    const awayMs = Date.now() - killedAt
    await stage.vma.start()
    const back = Date.now()
    await until(
      'the lost jobs are revived',
      async () => ((await lostJobs(stage.on, stage.jobs)) === 0 ? true : undefined),
      120_000,
    )
    const recoveryMs = Date.now() - back
    const done = `SIGKILL, back after ${formatDuration(Math.round(awayMs / 1_000) * 1_000)}: ${failed} jobs failed as documented, and revived`
    const remarks = failed === 0 ? ['no job was failed'] : []
    return { ...(await stage.judge()), fault: this.name, done, atRisk, recoveryMs, remarks }
  },
}

/** `databaseAway` needs a server of its own: the others share one. */
export const FAULTS = { omaKilled, vmaAway, vmaLost, databaseAway } as const
