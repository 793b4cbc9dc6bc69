/**
 * A VMA in a process of its own, to be killed: `node scripted-vma-process.ts '{"seed":1,"jobs":10,"startAt":…}'` (a
 * `VmaPlan` as JSON) prints one line of JSON with its `url` and serves the truth of that plan. Started again with the same
 * plan and port it goes on as if nothing had been. Ends on SIGTERM and SIGINT.
 */

import { pathToFileURL } from 'node:url'
import { json, status } from './answers.ts'
import type { Shape } from './documents.ts'
import { ScriptedVma, type Answer } from './scripted-vma.ts'
import { endOf, stateAt, truthOf, wholeStateAt, type TruthJob, type TruthPlan } from './truth.ts'

export interface VmaPlan extends TruthPlan {
  /** Default 0: any free one. */
  readonly port?: number
  /** Default v1.8.1. */
  readonly shape?: Shape
  /** What clients report under: the exports (default), or the job's id. */
  readonly keyedBy?: 'export' | 'job'
  readonly skewMs?: number
  /** Ended keys answer 404, as documented VMAs clean up; absent: they stay readable. */
  readonly cleanUp?: boolean
  /** How long they are readable before. Default 0: their end is never seen. */
  readonly cleanUpAfterMs?: number
}

export function startTruth(plan: VmaPlan): Promise<ScriptedVma> {
  const { keyedBy = 'export', skewMs = 0, cleanUp = false, cleanUpAfterMs = 0 } = plan
  const shape = plan.shape ?? 'v1.8.1'
  const states = new Map<string, (now: number) => { readonly body: object | undefined; readonly endAt: number }>()
  const tellOf = (job: TruthJob): void => {
    if (keyedBy === 'job')
      states.set(job.jobId, (now) => ({ body: wholeStateAt(job, now, shape, skewMs), endAt: endOf(job) }))
    else
      for (const disk of job.disks)
        states.set(disk.key, (now) => ({ body: stateAt(job, disk, now, shape, skewMs), endAt: disk.endAt }))
  }
  truthOf(plan).forEach(tellOf)
  const answerFor = (key: string, _n: number, now: number): Answer => {
    const ourNow = now - skewMs
    const state = states.get(key)?.(ourNow)
    const gone = cleanUp && state !== undefined && ourNow >= state.endAt + cleanUpAfterMs
    return state?.body === undefined || gone ? status(404) : json(state.body)
  }
  return ScriptedVma.start({ port: plan.port ?? 0, skewMs, fallback: answerFor })
}

async function main(given: string): Promise<void> {
  const vma = await startTruth(JSON.parse(given) as VmaPlan)
  process.stdout.write(`${JSON.stringify({ url: vma.url })}\n`)
  const stop = (): void => void vma.close()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

const [, script = '', given = '{}'] = process.argv
if (import.meta.url === pathToFileURL(script).href) await main(given)
