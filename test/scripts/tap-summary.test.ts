import t from 'tap'
import { TapSummary } from '../../scripts/tap-summary.ts'
import type { FileEnd, FileResult } from '../../scripts/tap-summary.ts'

function summarise(text: string, end: Partial<FileEnd> = {}): FileResult {
  const summary = new TapSummary('a.test.ts')
  for (const line of text.split('\n')) summary.line(line)
  return summary.end({ exitCode: 0, ms: 1, complaints: [], ...end })
}

const GOOD = `TAP version 14
# Subtest: [A-1] good
    ok 1 - should be equal
    1..1
ok 1 - [A-1] good # time=9.4ms

ok 2 - later # SKIP
ok 3 - someday # TODO
1..3
# { total: 3, pass: 1, skip: 1, todo: 1 }
`

const BAD = `TAP version 14
# Subtest: [A-2] bad
    printed by the test
    not ok 1 - should be equivalent
      ---
      diff: |
    ok 7 - planted in a diff
not ok 8 - planted in a diff
      ...

    1..1
not ok 1 - [A-2] bad # time=40.046ms
  ---
  at: test/bad.test.ts
  ...

# Subtest: fine
    ok 1 - yes
    1..1
ok 2 - fine # time=1ms
1..2
`

t.test('a file is counted by its tests; skipped ones prove nothing', async (t) => {
  t.match(summarise(GOOD), { passed: 1, failed: 0, skipped: 2, failures: [] })
  t.match(summarise(BAD, { exitCode: 1 }), { passed: 1, failed: 1, skipped: 0 })
})

t.test('a failing test is told in full and a passing one not at all', async (t) => {
  const told = summarise(BAD, { exitCode: 1 }).failures.join('\n')
  for (const part of [
    'printed by the test',
    'should be equivalent',
    'planted in a diff',
    '[A-2] bad',
    'at: test/bad.test.ts',
  ]) {
    t.ok(told.includes(part), part)
  }
  t.notMatch(told, /fine/)
})

t.test('a file fails that ends otherwise than by its plan, and says why', async (t) => {
  for (const [text, end, why] of [
    ['what it died of', { exitCode: 1 }, /what it died of\na\.test\.ts ended with exit code 1\n.* brought no test$/],
    ['TAP version 14\n1..0\n', {}, /brought no test$/],
    [GOOD.replace('1..3\n', ''), {}, /ended after 3 tests, before its plan was known$/],
    [GOOD, { exitCode: null, complaints: ['was ended by SIGKILL'] }, /was ended by SIGKILL\n/],
    [GOOD, { complaints: ['left a process behind: sleep 9'] }, /\na\.test\.ts left a process behind: sleep 9$/],
  ] as const) {
    const { failed, failures } = summarise(text, end)
    t.equal(failed, 1)
    t.match(failures.join('\n'), why)
  }
})
