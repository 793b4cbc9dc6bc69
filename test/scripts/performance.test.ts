import t from 'tap'
import type { BenchResult } from '../../bench/support/result.ts'
import { performanceDocument } from '../../scripts/performance/document.ts'
import { sectionOf } from '../../scripts/performance/results.ts'
import { barChart, lineChart } from '../../scripts/performance/svg.ts'

const RESULT: BenchResult = {
  bench: 'poll',
  at: '2026-01-02T03:04:05.000Z',
  commit: 'abcdef012345',
  machine: {
    cores: 2,
    cpu: 'A CPU',
    memoryGib: 24,
    kernel: '6.1',
    node: '22.1.0',
    platform: 'linux x64',
    loadBefore: 0.1,
    pinned: true,
    mariaDb: '10.11.14-MariaDB-deb12',
    loadAfter: 1.5,
  },
  seconds: 60,
  arguments: { jobs: '10' },
  headline: '',
  sections: [
    { id: 'all', title: 'Ten jobs', rows: [{ poller: 'a|b', 'polls/s': 12_345, cores: 0.5 }], notes: ['One.', 'Two.'] },
  ],
}
const results = new Map([['poll', RESULT]])
const plots = [{ name: 'poll', title: 'A picture', draw: () => '' }]
const filled = (template: string): string => performanceDocument(`# Title\n\n${template}`, results, plots)

t.test('a table stands where its marker stood, whole or by some of its columns', async (t) => {
  t.match(
    filled('before\n\n<!-- table: poll/all -->\n\nafter\n'),
    'before\n\n*Ten jobs*\n\n| poller | polls/s | cores |\n| --- | ---: | ---: |\n| a\\|b | 12 345 | 0.5 |\n\nOne. Two.\n\nafter\n',
  )
  t.match(filled('<!-- table: poll/all | cores, poller -->'), '| cores | poller |\n| ---: | --- |\n| 0.5 | a\\|b |')
})

t.test('when, what and where is told with it, and that the page is generated', async (t) => {
  const document = filled('<!-- machine: poll -->')
  t.match(document, '    npm run bench -- poll --jobs 10\n\n2026-01-02, commit `abcdef012345`, 60 s. 2 cores of A CPU')
  t.match(document, /MariaDB 10\.11\.14; load average 0\.1 before, 1\.5 after/)
  t.match(document, /^# Title\n\n<!-- Generated from docs\/performance\.template\.md/)
  t.match(filled('<!-- plot: poll -->'), '![A picture](img/perf-poll.svg)')
})

t.test('a marker without its figures is a fault that says what to run', async (t) => {
  t.throws(() => filled('<!-- table: write/all -->'), /no figures of the bench write: run `npm run bench -- write`/)
  t.throws(() => filled('<!-- table: poll/none -->'), /no section poll\/none/)
  t.throws(() => filled('<!-- table: poll/all | speed -->'), /has no column speed: poller, polls\/s, cores/)
  t.throws(() => filled('<!-- plot: none -->'), /no plot none/)
  t.throws(() => sectionOf(results, 'poll'), /no section/)
})

t.test('bars are as long as their values, and name them', async (t) => {
  const svg = barChart({
    title: 'A & B',
    unit: 'ms',
    bars: [
      { label: 'one <1>', value: 200 },
      { label: '', value: 50, series: 1 },
      { label: 'none', value: 0 },
    ],
    series: ['p50', 'p99'],
  })
  const lengths = [...svg.matchAll(/<rect x="340" y="\d+" width="([\d.]+)"/g)].map(([, length]) => Number(length))
  t.same(lengths, [330, 82.5, 0])
  t.match(svg, '<title>A &amp; B, ms</title>')
  t.match(svg, 'one &lt;1&gt;')
  t.match(svg, '>200<')
  t.match(svg, 'p99')
  t.notMatch(svg, /NaN|Infinity|undefined/)
})

t.test('lines leave out what there is not, on an axis by powers of ten', async (t) => {
  const svg = lineChart({
    title: 'Rows',
    unit: 'µs',
    x: { name: 'batch', labels: ['1', '10', '100'] },
    lines: [
      { name: 'ours', values: [1_000, 100, 10] },
      { name: 'theirs', values: [undefined, 100, undefined] },
    ],
  })
  t.equal([...svg.matchAll(/<circle /g)].length, 4)
  const heights = [...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y))
  t.equal(heights[1], heights[3], 'the same value is as high')
  t.equal((heights[2] ?? 0) - (heights[1] ?? 0), (heights[1] ?? 0) - (heights[0] ?? 0), 'a power is as high as another')
  t.notMatch(svg, /NaN|Infinity|undefined/)
  t.notMatch(
    barChart({ title: 'Nothing', unit: '', bars: [] }) +
      barChart({ title: 'Zero', unit: '', bars: [{ label: '', value: 0 }] }),
    /NaN|Infinity/,
  )
})
