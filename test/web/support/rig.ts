/** Both services as processes with a handful of VMs, for a browser: updates are the test's own, so that numbers hold still. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { SightlineClient } from '../../../src/client/index.ts'
import { insert } from '../../support/documented-vm.ts'
import { emptyDatabase } from '../../support/empty-database.ts'
import { addDisk, addJob, addJobs, addVm, connect } from '../../support/inventory.ts'
import { freePort } from '../../support/mariadb-server.ts'
import { Service } from '../../support/service.ts'

export const TOKEN = 'a-token/that=needs-a-ticket'
export const READER = 'a-token-that-only-reads'
const GIB = 2 ** 30

/** Each moves one disk of 40 GiB. */
export const MOVING = ['web-9', 'web-10', 'sql-1'] as const
type Moving = (typeof MOVING)[number]

export class Rig {
  readonly url: string
  readonly client: SightlineClient
  readonly #vma: Service
  readonly #start: () => Promise<Service>
  #oma: Service

  private constructor(url: string, vma: Service, start: () => Promise<Service>, oma: Service) {
    this.url = url
    this.client = new SightlineClient({ url, token: TOKEN })
    this.#vma = vma
    this.#start = start
    this.#oma = oma
  }

  static async start(t: Test): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'sightline-web-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const database = `sqlite:${join(folder, 'web.db')}`
    await fill(database)
    const vma = await Service.start('vma', {}, folder)
    t.teardown(() => vma.stop())
    const port = String(await freePort())
    const settings = {
      OMA_HTTP_PORT: port,
      OMA_API_TOKENS: TOKEN,
      OMA_READ_TOKENS: READER,
      DATABASE_URL: database,
      DATABASE_TIME_ZONE: 'UTC',
      VMA_PROGRESS_CLIENT_URL: vma.url,
      VMA_PROGRESS_POLL_INTERVAL: '500ms',
      VMA_PROGRESS_DISCOVERY_INTERVAL: '1s',
    }
    const start = (): Promise<Service> => Service.start('oma', settings, folder)
    const rig = new Rig(`http://127.0.0.1:${port}`, vma, start, await start())
    t.teardown(() => rig.#oma.stop())
    return rig
  }

  /** As migratekit would. */
  async tell(name: Moving, gib: number, stage = 'Transfer'): Promise<void> {
    const answer = await fetch(`${this.#vma.url}/api/v1/progress/${exportOf(name)}/update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stage, status: 'in_progress', bytes_transferred: gib * GIB, total_bytes: 40 * GIB }),
    })
    if (!answer.ok) throw new Error(`the VMA answered ${answer.status}`)
  }

  /** It is there and says nothing, as behind a tunnel that has died. */
  freeze(): void {
    process.kill(this.#oma.pid, 'SIGSTOP')
  }

  async kill(): Promise<void> {
    await this.#oma.stop('SIGKILL')
  }

  /** On the same port and database. */
  async startAgain(): Promise<void> {
    this.#oma = await this.#start()
  }
}

export function jobOf(name: string): string {
  return `job-20250905-${name}`
}

function exportOf(name: Moving): string {
  return `migration-vol-c290646c-41ba-4d50-a31f-f497320ca0${10 + MOVING.indexOf(name)}`
}

/** Three VMs whose jobs run, one that never had one, one whose last job failed, and two of one name. */
async function fill(url: string): Promise<void> {
  await emptyDatabase(url)
  const on = connect(url)
  for (const [at, name] of MOVING.entries()) {
    const context = `ctx-${name}`
    await addVm(on, { context, name })
    await addJob(on, { id: jobOf(name), context })
    const volume = exportOf(name).replace('migration-vol-', '')
    await addDisk(on, { job: jobOf(name), context, diskId: 'disk-2000', volumeId: 160 + at, volume })
  }
  for (const name of ['idle-1', 'old-1']) await addVm(on, { context: `ctx-${name}`, name })
  for (const vcenter of ['vcenter-02', 'vcenter-01']) {
    await addVm(on, { context: `ctx-twin-${vcenter}`, name: 'twin' })
    await on.run('update vm_replication_contexts set vcenter_host = ? where context_id = ?', [
      vcenter,
      `ctx-twin-${vcenter}`,
    ])
  }
  await on.run("update vm_replication_contexts set current_status = 'discovered' where vm_name = 'idle-1'", [])
  await on.run("update vm_replication_contexts set current_status = 'failed' where vm_name = 'old-1'", [])
  await addJobs(on, [{ id: 'job-20250904-old-1', context: 'ctx-old-1', status: 'failed' }])
  // The second sync began at another change id than the first one left.
  for (const [at, previous, next] of [
    [1, '', '52 aa/1'],
    [2, '52 zz/7', '52 bb/2'],
  ] as const) {
    await insert(on, 'cbt_history', {
      job_id: 'job-20250904-old-1',
      vm_context_id: 'ctx-old-1',
      disk_id: 'disk-2000',
      change_id: next,
      previous_change_id: previous,
      sync_type: previous === '' ? 'initial' : 'incremental',
      blocks_changed: 1,
      bytes_transferred: GIB,
      sync_duration_seconds: 9,
      sync_success: true,
      created_at: `2025-09-0${at} 10:00:00`,
    })
  }
  await on.close()
}
