/**
 * What does it cost to write rows, in which way and in which batches? `node bench/write.ts [--jobs 2000] [--rounds 5]
 * [--batches 1,10,100,500,2000] [--only mariadb,sqlite] [--short] [--out FILE]`
 *
 * Real MariaDB that waits for its disk at each commit, and SQLite in a file. A row is that of a job and that of its disk, with the
 * same columns for everybody. The ways take turns; processor time is that of this process (the database's thread in the OMA) and
 * that of the server.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgressRow } from '../src/db/ports.ts'
import { fillDatabase, jobId } from './oma/inventory.ts'
import { benchArguments } from './support/arguments.ts'
import { withMariaDb } from './support/mariadb.ts'
import { cpuSeconds } from './support/proc.ts'
import { Report, rounded, type Row } from './support/report.ts'
import { progressRow } from './write/rows.ts'
import { mariaDbWays, sightlineWay, sqliteWays, type Way } from './write/ways.ts'

const { values, outcome } = benchArguments({
  jobs: { usual: '2000' },
  rounds: { usual: '5', short: '3' },
  batches: { usual: '1,10,100,500,2000' },
  only: { usual: 'mariadb,sqlite' },
})
const jobs = Number(values.jobs)
const rounds = Number(values.rounds)
const batches = values.batches.split(',').map(Number)
const parts = new Set(values.only.split(','))
/** A batch of one waits for the disk at each row: fewer rows are enough. */
const ROWS_OF_SMALL_BATCHES = 300

interface Cost {
  seconds: number
  clientUs: number
  serverUs: number
  rows: number
}

let changes = 0

function nextRows(count: number): readonly ProgressRow[] {
  changes += 1
  const now = Date.now()
  return Array.from({ length: count }, (_, i) => progressRow(jobId(i), changes, now))
}

async function writeAll(way: Way, batch: number, cost: Cost, serverPid: number | undefined): Promise<void> {
  const rows = nextRows(batch >= 100 ? jobs : Math.min(jobs, ROWS_OF_SMALL_BATCHES))
  const server = (): number => (serverPid === undefined ? 0 : cpuSeconds(serverPid))
  const before = { at: performance.now(), cpu: process.cpuUsage(), server: server() }
  for (let at = 0; at < rows.length; at += batch) await way.write(rows.slice(at, at + batch))
  const { user, system } = process.cpuUsage(before.cpu)
  cost.seconds += (performance.now() - before.at) / 1_000
  cost.clientUs += user + system
  cost.serverUs += (server() - before.server) * 1e6
  cost.rows += rows.length
}

async function rowsFor(ways: readonly Way[], serverPid?: number): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const batch of batches) {
    const costs = ways
      .filter(({ takes }) => takes?.(batch) ?? true)
      .map((way) => ({ way, cost: { seconds: 0, clientUs: 0, serverUs: 0, rows: 0 } }))
    // The first round warms up.
    for (let round = -1; round < rounds; round += 1) {
      for (const { way, cost } of costs) {
        const counts = round >= 0 ? cost : { seconds: 0, clientUs: 0, serverUs: 0, rows: 0 }
        await writeAll(way, batch, counts, serverPid)
      }
    }
    const each = ({ clientUs, serverUs, rows: count }: Cost): number => (clientUs + serverUs) / count
    const ours = costs[0] === undefined ? Number.NaN : each(costs[0].cost)
    rows.push(
      ...costs.map(({ way, cost }) => ({
        batch,
        way: way.name,
        'rows/s': Math.round(cost.rows / cost.seconds),
        'client µs/row': rounded(cost.clientUs / cost.rows),
        ...(serverPid === undefined ? {} : { 'MariaDB µs/row': rounded(cost.serverUs / cost.rows) }),
        'CPU µs/row': rounded(each(cost)),
        'ours is × in CPU': rounded(each(cost) / ours),
      })),
    )
  }
  for (const way of ways) await way.close()
  return rows
}

async function mariaDb(report: Report): Promise<void> {
  await withMariaDb(async (server) => {
    report.mariaDb = server.version
    const databaseOf = async (name: string): Promise<string> => {
      const url = await server.database(name)
      await fillDatabase(url, { contexts: jobs, jobsPerContext: 1 })
      return url
    }
    report.add({
      id: 'mariadb',
      title: `MariaDB, ${jobs} jobs with a disk each, by batch`,
      rows: await rowsFor(
        [await sightlineWay(await databaseOf('ours')), ...(await mariaDbWays(databaseOf))],
        server.pid,
      ),
      notes: [
        'A committed row waits for the disk. ON DUPLICATE KEY UPDATE writes over jobs that ended (STAT-3) and makes rows of such as are gone: it is here for its cost alone. In a table that upserts write to, MariaDB 10.11 comes to think that it has one row, and joins with it read it whole: ours took 2 to 4 ms a row there.',
      ],
    })
  })
}

async function sqlite(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-bench-'))
  try {
    const file = join(folder, 'rows.db')
    await fillDatabase(`sqlite:${file}`, { contexts: jobs, jobsPerContext: 1 })
    report.add({
      id: 'sqlite',
      title: `SQLite, ${jobs} jobs with a disk each, by batch`,
      rows: await rowsFor([await sightlineWay(`sqlite:${file}`), ...sqliteWays(file)]),
      notes: ['Everybody has a write-ahead log and `synchronous = normal`: a commit does not wait for the disk.'],
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const report = new Report('write')
if (parts.has('mariadb')) await mariaDb(report)
if (parts.has('sqlite')) await sqlite(report)
const best = report.sections.map(({ id, rows }) => {
  const ours = rows.filter(({ way }) => way === 'sightline').at(-1)
  return `${id} ${ours?.['CPU µs/row']} µs/row in batches of ${ours?.['batch']}`
})
report.finish(outcome, best.join(', '))
