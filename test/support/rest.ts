/** The OMA's REST on a database of its own: real HTTP, real SQL; live state and poller are what a test puts in. */

import type { Test } from 'tap'
import { JobEvents } from '../../src/actors/job-events.ts'
import type { Connection } from '../../src/db/executor.ts'
import { openDatabase } from '../../src/db/open.ts'
import type { Database } from '../../src/db/ports.ts'
import { admitting } from '../../src/http/admission.ts'
import { authenticator } from '../../src/http/authenticate.ts'
import { omaRoutes, type OmaRoutesOptions } from '../../src/http/oma-routes.ts'
import type { LiveJobs, PollingControl } from '../../src/http/ports.ts'
import { withDescriptions } from '../../src/http/routes/descriptions.ts'
import { listen } from '../../src/http/uws/server.ts'
import type { LiveJobJson } from '../../src/model/live.ts'
import { rfc3339 } from '../../src/model/time.ts'
import { checkAnswer } from './answer-schemas.ts'
import { DOCUMENTED_ZONE, insert } from './documented-vm.ts'
import { ask, json, type Reply } from './http.ts'
import { connect } from './inventory.ts'
import { NO_TELEMETRY } from './no-telemetry.ts'

export const TOKEN = 'a-token-for-tests'
/** The time of the documents' own errors. */
export const NOW = Date.parse('2025-09-09T12:15:30Z')

export const LIST = '/api/v1/vm-contexts'
export const DETAIL = `${LIST}/pgtest1`

export interface Rest {
  readonly on: Connection
  readonly database: Database
  readonly jobs: Map<string, LiveJobJson>
  readonly faults: string[]
  /** Checks each answer against its route's schema; whole answers only. */
  readonly get: (path: string, how?: { readonly token?: string; readonly method?: string }) => Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly reply: Reply
}

/** Names of the VMs in a list. */
export function names({ body }: Answer): readonly unknown[] {
  return (body['vm_contexts'] as readonly Record<string, unknown>[]).map((one) => one['vm_name'])
}

export async function addContext(on: Rest['on'], vm_name: string, fields: object = {}): Promise<void> {
  await insert(on, 'vm_replication_contexts', {
    context_id: `ctx-${vm_name}`,
    vm_name,
    vcenter_host: 'vcenter-01',
    ...fields,
  })
}

const NO_POLLING: PollingControl = {
  start: () => Promise.reject(new Error('no poller here')),
  stop: () => Promise.reject(new Error('no poller here')),
  status: () => {
    throw new Error('no poller here')
  },
}

/** `store`: what the routes see of the database instead of it. */
export async function startRest(
  t: Test,
  url: string,
  replaced: Partial<Pick<OmaRoutesOptions, 'store' | 'polling'>> = {},
): Promise<Rest> {
  const database = await openDatabase(url, { zone: DOCUMENTED_ZONE, poolSize: 2 })
  await database.migrate()
  await database.open()
  const on = connect(url)
  const jobs = new Map<string, LiveJobJson>()
  const faults: string[] = []
  const clock = { now: () => NOW }
  const rest = omaRoutes({
    ...NO_TELEMETRY,
    live: liveOf(jobs),
    store: database,
    histories: { read: async () => undefined },
    logs: new JobEvents({
      store: database,
      isLive: (id) => jobs.has(id),
      rfc3339: (at) => rfc3339(at, DOCUMENTED_ZONE),
    }),
    polling: NO_POLLING,
    ready: () => ({
      status: 'ready',
      reasons: [],
      checks: { database: { status: 'up', writes_waiting: 0 }, vmas: [], workers: { status: 'up' } },
    }),
    clock,
    onFault: (what) => faults.push(what),
    ...replaced,
  })
  const routes = withDescriptions(rest, 'of-the-tests', clock)
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    routes,
    clock,
    authorize: admitting(authenticator({ tokens: [TOKEN] }), clock),
    onFault: (error) => faults.push(String(error)),
  })
  t.teardown(async () => {
    await server.close()
    await on.close()
    await database.close()
  })
  const get: Rest['get'] = async (path, { token = TOKEN, method = 'GET' } = {}) => {
    const headers = token === '' ? {} : { Authorization: `Bearer ${token}` }
    const reply = await ask(server.port, path, { method, headers })
    const body = json(reply)
    checkAnswer(t, routes, method, path, reply.status, body)
    return { status: reply.status, body, reply }
  }
  return { on, database, jobs, faults, get }
}

function liveOf(jobs: Map<string, LiveJobJson>): LiveJobs {
  return {
    get count() {
      return jobs.size
    },
    epoch: 'epoch-1',
    seq: 7,
    list: () => jobs.values(),
    get: (jobId) => jobs.get(jobId),
  }
}
