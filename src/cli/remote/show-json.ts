/**
 * `watch --json`: one object a line for each change (docs/cli.md). `at` is this machine's time.
 *
 *     {"type":"connection","at":"…","state":"live"}
 *     {"type":"job","at":"…","change":"progress","job":{…}}
 *     {"type":"end","at":"…","outcome":"completed","exit_code":0,"reason":"…"}
 */

import type { LiveJob } from '../../client/index.ts'
import type { Show } from './show.ts'

export function jsonShow(write: (line: string) => void, now: () => number): Show {
  const tell = (fields: object): void => write(JSON.stringify(fields))
  const at = (): string => new Date(now()).toISOString()
  const job = (change: string, state: LiveJob | { readonly job_id: string }): void =>
    tell({ type: 'job', at: at(), change, job: state })
  return {
    connection: (state) => {
      const reason = 'reason' in state ? { reason: state.reason } : {}
      tell({ type: 'connection', at: at(), state: state.name, ...reason })
    },
    update: (update) => {
      if (update.type === 'event') job(update.event.event, update.job ?? { job_id: update.event.job_id })
      else for (const each of update.jobs) job(update.type === 'snapshot' ? 'snapshot' : 'progress', each)
    },
    close: ({ name, code, why }) => tell({ type: 'end', at: at(), outcome: name, exit_code: code, reason: why }),
  }
}
