/**
 * Which encoding for the answers of the change feed? `node bench/feed-encodings.ts [--short] [--out FILE]`. One answer with 100 usual jobs, alternately
 * written and read as JSON, as MessagePack with plain maps, and with msgpackr's records. Medians of rounds, per changed job.
 */

import { randomUUID } from 'node:crypto'
import { Packr, Unpackr } from 'msgpackr'
import { ChangeFeed } from '../src/vma/change-feed.ts'
import { RunStore } from '../src/vma/store.ts'
import { benchArguments } from './support/arguments.ts'
import { median, Report } from './support/report.ts'

const { values, outcome } = benchArguments({ rounds: { usual: '15', short: '8' } })
const JOBS = 100
const ROUNDS = Number(values.rounds)
const TIMES = 300

function usualAnswer() {
  const store = new RunStore()
  const now = Date.now()
  for (let job = 0; job < JOBS; job += 1) {
    const key = `migration-vol-${randomUUID()}`
    for (const [seq, at] of [now - 2_000, now].entries()) {
      const bytes = (seq + 1) * 1_000_000_000 + job * 12_345
      const amounts = { bytes_transferred: bytes, total_bytes: 42_949_672_960, percent: (bytes / 42_949_672_960) * 100 }
      store.update(key, { stage: 'Transfer', status: 'in_progress', seq, ...amounts }, at)
    }
  }
  return new ChangeFeed(randomUUID(), store.changes).page('', JOBS, now)
}

function msgpack(useRecords: boolean) {
  const packr = new Packr({ useRecords })
  const unpackr = new Unpackr({ useRecords, int64AsType: 'number' })
  return {
    write: (value: unknown): Buffer => Buffer.from(packr.pack(value)),
    read: (bytes: Buffer): unknown => unpackr.unpack(bytes),
  }
}

const ENCODINGS = {
  json: {
    write: (value: unknown): Buffer => Buffer.from(JSON.stringify(value)),
    read: (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8')),
  },
  msgpack_maps: msgpack(false),
  msgpack_records: msgpack(true),
}

function microseconds(work: () => void): number {
  const before = process.cpuUsage()
  for (let time = 0; time < TIMES; time += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / TIMES / JOBS
}

const hundredths = (value: number): number => Math.round(value * 100) / 100

const answer = usualAnswer()
const figures = Object.entries(ENCODINGS).map(([name, { write, read }]) => {
  const bytes = write(answer)
  if (JSON.stringify(read(bytes)) !== JSON.stringify(answer)) throw new Error(`${name} loses something`)
  return { name, write, read, bytes, writes: [] as number[], reads: [] as number[] }
})
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { write, read, bytes, writes, reads } of figures) {
    writes.push(microseconds(() => void write(answer)))
    reads.push(microseconds(() => void read(bytes)))
  }
}
const rows = figures.map(({ name, bytes, writes, reads }) => ({
  encoding: name,
  'bytes/change': bytes.length / JOBS,
  'write µs/change': hundredths(median(writes)),
  'read µs/change': hundredths(median(reads)),
}))
const report = new Report('feed-encodings')
report.add({
  id: 'encodings',
  title: `An answer of the feed with ${JOBS} changed jobs, ${ROUNDS} rounds in turns`,
  rows,
})
report.finish(outcome, rows.map((row) => `${row.encoding} ${row['bytes/change']} bytes`).join(', '))
