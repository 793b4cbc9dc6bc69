/** docs/operations.md and its neighbours name only what exists. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ENV_PREFIXES, SETTINGS } from '../../config/schema.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { ROOT } from '../arch/source-files.ts'

const DOCUMENTS = ['operations', 'tracing', 'supply-chain']
const textOf = (...path: readonly string[]): string => readFileSync(join(ROOT, ...path), 'utf8')
const document = (name: string): string => textOf('docs', `${name}.md`)

/** Of both services, with `*` for each parameter. */
function servedPaths(): ReadonlySet<string> {
  const paths = ['openapi-oma.json', 'openapi-vma.json'].flatMap((file) =>
    Object.keys((JSON.parse(textOf('docs', file)) as { readonly paths: object }).paths),
  )
  return new Set(paths.map((path) => path.replaceAll(/\{\w+\}/g, '*')))
}

t.test('[OPS-2] settings, commands and paths that the documents name are there', async (t) => {
  // The last two are of the commands that ask an OMA.
  const settings = new Set([...Object.values(SETTINGS).map(({ env }): string => env), 'OMA_URL', 'OMA_TOKEN'])
  const commands = new Set(COMMANDS.map(({ name }) => name))
  const served = servedPaths()
  const own = new RegExp(`\\b(?:DATABASE_|${ENV_PREFIXES.join('|')})[A-Z_]+`, 'g')
  for (const name of DOCUMENTS) {
    const text = document(name)
    for (const [variable] of text.matchAll(own)) t.ok(settings.has(variable), `${name}: ${variable}`)
    for (const [, command = ''] of text.matchAll(/`(?:\S*\/)?sightline ([\w-]+)[^`]*`/g))
      t.ok(commands.has(command), `${name}: sightline ${command}`)
    for (const [path] of text.matchAll(/\/(?:api|healthz|readyz)\b[\w/{}.-]*/g)) {
      const asked = path.replace(/\.$/, '').replaceAll(/\/(?:\{\w+\}|[A-Z]+)(?=\/|$)/g, '/*')
      // The stream is described by AsyncAPI.
      t.ok(served.has(asked) || asked === '/api/v1/stream' || !asked.startsWith('/api/'), `${name}: ${path}`)
    }
  }
})

t.test('[OPS-2] the trouble table tells of each symptom why and what to do', async (t) => {
  const [, table = ''] = document('operations').split('## Trouble')
  const rows = table.split('\n').filter((line) => line.startsWith('| '))
  t.ok(rows.length - 1 >= 15, `${rows.length - 1} rows`)
  for (const row of rows) t.equal(row.split(' | ').filter((cell) => cell.trim() !== '').length, 3, row)
})
