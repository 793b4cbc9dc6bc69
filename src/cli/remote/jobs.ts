/** `sightline jobs`: the live jobs of an OMA as a table, or as JSON. */

import { wordList, type Kind } from '../../../config/kinds.ts'
import type { LiveJob } from '../../client/index.ts'
import { VERDICTS } from '../../model/verdict.ts'
import { JOB_STATUSES } from '../../model/words.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { EXIT } from '../exit-codes.ts'
import { renderTable } from '../table.ts'
import { asking } from './command.ts'
import { NoOma } from './faults.ts'
import { lookOf } from './look.ts'
import { totalsOf, totalSegments } from './totals.ts'

export async function run(options: ClientCommandOptions): Promise<number> {
  const problems: string[] = []
  const statuses = words(options.flags, 'status', wordList(JOB_STATUSES), problems)
  const verdicts = words(options.flags, 'verdict', wordList(VERDICTS), problems)
  return await asking(options, problems, async ({ rest }) => {
    const { jobs } = await rest.jobs()
    if (!Array.isArray(jobs)) throw new NoOma()
    const wanted = (jobs as readonly LiveJob[]).filter(
      ({ status, verdict }) => (statuses?.includes(status) ?? true) && (verdicts?.includes(verdict) ?? true),
    )
    process.stdout.write(options.flags['json'] === true ? jsonText(wanted) : tableText(wanted, options))
    return EXIT.ok
  })
}

function words<T extends string>(
  flags: ClientCommandOptions['flags'],
  name: string,
  kind: Kind<readonly T[]>,
  problems: string[],
): readonly T[] | undefined {
  const text = flags[name]
  if (typeof text !== 'string') return undefined
  const parsed = kind.parse(text)
  if ('value' in parsed) return parsed.value
  problems.push(`--${name} ${parsed.problem}`)
  return undefined
}

function jsonText(jobs: readonly LiveJob[]): string {
  return `${JSON.stringify({ count: jobs.length, jobs }, null, 2)}\n`
}

function tableText(jobs: readonly LiveJob[], { env }: ClientCommandOptions): string {
  const now = Date.now()
  const view = { ...lookOf(process.stdout, env), height: Number.MAX_SAFE_INTEGER, now }
  const lines = renderTable(jobs, totalSegments(totalsOf(jobs)), view)
  return `${(jobs.length === 0 ? lines.slice(0, -1) : lines).join('\n')}\n`
}
