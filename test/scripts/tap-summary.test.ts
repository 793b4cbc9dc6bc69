import t from 'tap'
import { TapSummary } from '../../scripts/tap-summary.ts'
import type { FileResult } from '../../scripts/tap-summary.ts'

function summarise(text: string): FileResult[] {
  const results: FileResult[] = []
  const summary = new TapSummary((result) => results.push(result))
  for (const line of text.split('\n')) summary.line(line)
  return results
}

const STREAM = `TAP version 14
1..4
# Subtest: test/good.test.ts
    # Subtest: [A-1] good
        ok 1 - should be equal
        1..1
    ok 1 - [A-1] good # time=9.4ms

    ok 2 - later # SKIP
    ok 3 - someday # TODO
    1..3
ok 1 - test/good.test.ts # time=81.799ms
# Subtest: test/bad.test.ts
    # Subtest: [A-2] bad
        printed by the test
        not ok 1 - should be equivalent
          ---
          diff: |
    ok 7 - planted in a diff
not ok 8 - planted in a diff
          ...

    not ok 1 - [A-2] bad # time=40.046ms
      ---
      at: test/bad.test.ts
      ...

    # Subtest: fine
        ok 1 - yes
    ok 2 - fine # time=1ms
    1..2
not ok 2 - test/bad.test.ts # time=1.5s
  ---
  exitCode: 1
  ...
# Subtest: test/dead.test.ts
    SyntaxError: what it died of
    1..0 # no tests found
not ok 3 - test/dead.test.ts # time=763ms
`

t.test('each file is counted by its tests; skipped ones prove nothing', async (t) => {
  const counts = summarise(STREAM).map(({ file, passed, failed, skipped, time }) => [
    file,
    passed,
    failed,
    skipped,
    time,
  ])
  t.same(counts, [
    ['test/good.test.ts', 1, 0, 2, '81.799ms'],
    ['test/bad.test.ts', 1, 1, 0, '1.5s'],
    ['test/dead.test.ts', 0, 1, 0, '763ms'],
  ])
})

t.test('a failing test is told in full and a passing one not at all', async (t) => {
  const [good, bad, dead] = summarise(STREAM).map(({ failures }) => failures.join('\n'))
  t.equal(good, '')
  for (const told of [
    'printed by the test',
    'should be equivalent',
    'planted in a diff',
    '[A-2] bad',
    'at: test/bad.test.ts',
  ]) {
    t.ok(bad?.includes(told), told)
  }
  t.notMatch(bad, /fine|exitCode/)
  t.match(dead, /what it died of/)
  t.notMatch(dead, /exitCode/)
})
