import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { claimsIn, definedRules, mismatches } from './rules.ts'
import { ROOT, sourceFiles } from './source-files.ts'

const SPEC = join(ROOT, 'docs', 'SPEC.md')
const RULES_AT_LEAST = 10

t.test('every rule of docs/SPEC.md has a test, and every test that claims a rule names one that exists', async (t) => {
  if (!existsSync(SPEC))
    return t.fail('docs/SPEC.md is missing: the rules that the tests prove have to be written there')
  const spec = readFileSync(SPEC, 'utf8')
  const count = definedRules(spec).length
  t.ok(count >= RULES_AT_LEAST, `${count} rules read from docs/SPEC.md, at least ${RULES_AT_LEAST} expected`)
  // This folder's own tests plant titles.
  const tests = sourceFiles('test').filter(({ file }) => !file.startsWith('test/arch/'))
  for (const mismatch of mismatches(spec, tests)) t.fail(mismatch)
})

t.test('rules are read where they are defined, not where they are mentioned', async (t) => {
  const spec =
    '## Words\n- THR-1 One function, see STAT-2.\n* **DB-5** Away.\n### `WS-2`\n| POLL-1 | text |\nUTF-8 and RFC-3339'
  t.same(definedRules(spec), ['THR-1', 'DB-5', 'WS-2', 'POLL-1'])
})

t.test('claims are read from titles, in whatever quotes they stand', async (t) => {
  const source = [
    "t.test('[AAA-1] plain', f)",
    't.test(`[AAA-2, AAA-3] ${name}`, f)',
    'const row = { title: "[AAA-4][AAA-5] in a table" }',
    "// '[AAA-6] in a comment'",
    "t.test('mentions [AAA-7] later', f)",
  ].join('\n')
  t.same(
    claimsIn(source).map(({ id, line }) => `${id}@${line}`),
    ['AAA-1@1', 'AAA-2@2', 'AAA-3@2', 'AAA-4@3', 'AAA-5@3'],
  )
})

t.test('an unproven rule and an unknown claim are both told', async (t) => {
  const told = mismatches('- AAA-1 one\n- AAA-2 two', [
    { file: 'test/a.test.ts', source: "t.test('[AAA-1] x')\nt.test('[AAA-9] y')" },
  ])
  t.equal(told.length, 2)
  t.match(told[0], /has AAA-2, but no test title carries \[AAA-2\]/)
  t.match(told[1], /test\/a\.test\.ts:2 claims AAA-9/)
})

t.test('two rules of one name are told', async (t) => {
  const told = mismatches('- AAA-1 one\n- AAA-1 two', [{ file: 'test/a.test.ts', source: "t.test('[AAA-1] x')" }])
  t.equal(told.length, 1)
  t.match(told[0], /defines AAA-1 more than once/)
})
