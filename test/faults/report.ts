/** The table of docs/reliability.md, from what the scenarios brought, and the document around it. */

import type { Outcome, Scale } from './scenarios.ts'

const HEAD = [
  '| fault | what was done | jobs at risk | jobs lost | false failures | false completions | time to recover |',
  '|---|---|---|---|---|---|---|',
]

export function table(outcomes: readonly Outcome[]): string[] {
  return [
    ...HEAD,
    ...outcomes.map(
      ({ fault, done, atRisk, open, falseFailures, falseCompletions, recoveryMs }) =>
        `| ${fault} | ${done} | ${atRisk} | ${open} | ${falseFailures} | ${falseCompletions} | ${(recoveryMs / 1_000).toFixed(1)} s |`,
    ),
  ]
}

/** What follows in the document is not written by this test. */
export const END = '<!-- The rest is written by hand, with figures of other runs. -->'

/** The document with a new table; what stands behind the mark stays. */
export function renewed(document: string, table: string): string {
  const at = document.indexOf(END)
  return at < 0 ? `${table}\n${END}\n` : `${table}\n${document.slice(at)}`
}

export function document(outcomes: readonly Outcome[], scale: Scale, on: string): string {
  const settings = Object.entries(scale.settings).map(([name, value]) => `\`${name}=${value}\``)
  return [
    '# Reliability',
    '',
    'Written by `npm run test:long`. Each row is one run of a real OMA process against a real MariaDB and a VMA process that',
    'tells the truth as a function of time: after the fault every row is compared with that truth, every `cbt_history` row is',
    'counted and every VM context added up. A job is *lost* when it is still open after all transfers have ended.',
    '*Time to recover* counts from the return of what was away until every open job had been heard of again (for a lost VMA:',
    'until every job that was failed had been revived; for the database: until the service was ready again).',
    '',
    `${scale.jobs} jobs of one to three disks, a tenth of them failing; measured ${on}; settings ${settings.join(', ') || 'as shipped'}.`,
    '',
    ...table(outcomes),
    '',
    'The same scenarios run shortened, with settings of seconds instead of minutes, in every `npm test`',
    '(`test/faults/faults.test.ts`). What an actor does in each fault is drawn in [machines.md](machines.md).',
    '',
  ].join('\n')
}
