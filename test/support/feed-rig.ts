/** Our VMA and an OMA as real processes, and the documents' one job; no poll is due for an hour unless a test says so. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Connection, Row } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { PollingStatusJson } from '../../src/model/wire/service.ts'
import { EXPORT } from './documents.ts'
import { addDocumentedJob, connect, DOCUMENTED_JOB } from './inventory.ts'
import { Relay } from './relay.ts'
import { Service, until } from './service.ts'
import { BEARER, TOKEN } from './stream-server.ts'

export const TOTAL = 50_000
const PATH = `/api/v1/progress/${EXPORT}`
type FeedWord = PollingStatusJson['vmas'][number]['feed']

/** An OMA with the documents' one job on an embedded database. */
export class FeedRig {
  readonly oma: Service
  readonly #on: Connection

  private constructor(oma: Service, on: Connection) {
    this.oma = oma
    this.#on = on
  }

  static async start(t: Test, vmaUrl: string, env: Readonly<Record<string, string>> = {}): Promise<FeedRig> {
    const folder = newFolder(t)
    const url = `sqlite:${join(folder, 'oma.db')}`
    const database = await openDatabase(url, { zone: 'UTC', poolSize: 1 })
    await database.migrate()
    await database.close()
    const on = connect(url)
    t.teardown(() => on.close())
    await addDocumentedJob(on)
    const settings = {
      OMA_API_TOKENS: TOKEN,
      DATABASE_URL: url,
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: vmaUrl,
      VMA_PROGRESS_POLL_INTERVAL: '1h',
      VMA_PROGRESS_CONTACT_TIMEOUT: '2h',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '500ms',
      ...env,
    }
    const oma = await Service.start('oma', settings, folder)
    t.teardown(() => oma.stop())
    const rig = new FeedRig(oma, on)
    await until('the job is followed', async () => ((await rig.status()).active_jobs === 1 ? true : undefined))
    return rig
  }

  async status(): Promise<PollingStatusJson> {
    const answer = await fetch(`${this.oma.url}/api/v1/vma-polling/status`, { headers: BEARER })
    return (await answer.json()) as PollingStatusJson
  }

  async feedIs(word: FeedWord): Promise<void> {
    await until(
      `the feed is ${word}`,
      async () => ((await this.status()).vmas[0]?.feed === word ? true : undefined),
      60_000,
    )
  }

  async row(what: string, holds: (row: Row) => boolean): Promise<Row> {
    return await until(
      what,
      async () => {
        const [row] = await this.#on.all('select * from replication_jobs where id = ?', [DOCUMENTED_JOB])
        return row !== undefined && holds(row) ? row : undefined
      },
      60_000,
    )
  }

  async bytes(bytes: number): Promise<void> {
    await this.row(`${bytes} bytes are in the row`, (row) => row['bytes_transferred'] === bytes)
  }
}

function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-feed-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function startVma(t: Test): Promise<Service> {
  const vma = await Service.start('vma', {}, newFolder(t))
  t.teardown(() => vma.stop())
  return vma
}

export const portOf = ({ url }: { readonly url: string }): number => Number(new URL(url).port)

/** In front of a VMA that another one takes the place of: the port of one that was killed is not free at once. */
export async function relayed(t: Test, vma: { readonly url: string }): Promise<Relay> {
  const relay = await Relay.start(portOf(vma))
  t.teardown(() => relay.stop())
  return relay
}

export async function post(vma: Service, bytes: number): Promise<void> {
  const isOver = bytes === TOTAL
  const answer = await fetch(`${vma.url}${PATH}/update`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      stage: 'Transfer',
      sync_type: 'initial',
      status: isOver ? 'completed' : 'in_progress',
      bytes_transferred: bytes,
      total_bytes: TOTAL,
      percent: (100 * bytes) / TOTAL,
    }),
  })
  if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${await answer.text()}`)
}
