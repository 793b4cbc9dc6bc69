/** Both services as processes under attack, and what has to hold of them afterwards. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { omaRoutes } from '../../../src/http/oma-routes.ts'
import { changesRoute } from '../../../src/http/routes/changes.ts'
import { vmaRoutes } from '../../../src/http/vma-routes.ts'
import type { Route } from '../../../src/http/route.ts'
import { streamRoutes } from '../../../src/http/stream/routes.ts'
import { DEFAULT_LIMITS, RunStore } from '../../../src/vma/store.ts'
import { SECRET, token } from '../../support/jwt.ts'
import { Service, until } from '../../support/service.ts'
import { StreamClient } from '../../support/stream-server.ts'
import type { Aim, Target } from './attacks.ts'
import { fuzz } from './run.ts'
import { NO_TELEMETRY } from '../../support/no-telemetry.ts'

const FULL = 'full-token-of-the-fuzz'
const READ = 'read-token-of-the-fuzz'
const clock = { now: () => 0 }

/** Only their table is looked at. */
function aimsOf(routes: readonly Route[]): [Aim, ...Aim[]] {
  const [first, ...rest] = routes.map(({ method, path, auth }) => ({ method, path, auth }))
  if (first === undefined) throw new Error('a service without routes')
  return [first, ...rest]
}

const UNUSED = {} as never

const OMA_AIMS = aimsOf([
  ...omaRoutes({
    ...NO_TELEMETRY,
    live: { count: 0, epoch: '', seq: 0, list: () => [], get: () => undefined },
    histories: UNUSED,
    logs: UNUSED,
    store: UNUSED,
    polling: UNUSED,
    ready: () => ({
      status: 'ready',
      reasons: [],
      checks: { database: { status: 'up', writes_waiting: 0 }, vmas: [], workers: { status: 'up' } },
    }),
    clock,
    onFault: () => undefined,
  }),
  ...streamRoutes({ hub: UNUSED, gate: UNUSED, tickets: UNUSED, now: clock.now, newTicket: UNUSED }),
])
const VMA_AIMS = aimsOf([
  ...vmaRoutes({ intake: new RunStore(DEFAULT_LIMITS), clock, auth: 'token' }),
  changesRoute({ changes: UNUSED, polls: UNUSED, clock, auth: 'token' }),
])

/** A year's worth of seconds: good for longer than any run. */
const YEAR_S = 31_536_000
/** Each is known only after a while at its first use. */
const JWTS = 20

export interface Scale {
  readonly forMs: number
  /** Growth of a process's resident memory that is still its heap finding its size. */
  readonly maxGrowthMib: number
}

/** FUZZ_SEED runs a known one again. */
export function seedOfRun(): number {
  return Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_007)
}

export async function fuzzServices(t: Test, seed: number, scale: Scale): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-fuzz-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const started = async (name: 'oma' | 'vma', env: Readonly<Record<string, string>>): Promise<Service> => {
    const service = await Service.start(name, env, folder)
    t.teardown(() => service.stop())
    return service
  }
  const vma = await started('vma', { VMA_API_TOKENS: FULL, VMA_PROGRESS_MAX_JOBS: '500' })
  const oma = await started('oma', {
    OMA_API_TOKENS: FULL,
    OMA_READ_TOKENS: READ,
    OMA_JWT_SECRET: SECRET,
    DATABASE_URL: `sqlite:${join(folder, 'fuzz.db')}`,
    VMA_PROGRESS_CLIENT_URL: vma.url,
    VMA_PROGRESS_TOKEN: FULL,
  })
  await until('the OMA is ready', async () => ((await fetch(`${oma.url}/readyz`)).ok ? true : undefined))
  const exp = Math.floor(Date.now() / 1_000) + YEAR_S
  const jwts = Array.from({ length: JWTS }, (_, i) =>
    token(Buffer.from(SECRET), { scope: 'read operate', exp: exp + i }),
  )
  await Promise.all([
    attacked(t, vma, '/api/v1/health', { aims: VMA_AIMS, tokens: [FULL], hasStream: false }, seed, scale),
    attacked(
      t,
      oma,
      '/healthz',
      { aims: OMA_AIMS, tokens: [FULL, READ, ...(await Promise.all(jwts))], hasStream: true },
      seed + 1,
      scale,
    ),
  ])
  t.equal(await oma.stop(), 0, 'the OMA stops as it should')
  t.equal(await vma.stop(), 0, 'the VMA stops as it should')
}

async function attacked(
  t: Test,
  service: Service,
  health: string,
  target: Target,
  seed: number,
  { forMs, maxGrowthMib }: Scale,
): Promise<void> {
  const { attacks, statuses, breaches, residentMib } = await fuzz({ service, target, seed, forMs })
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
  const [early, late] = residentMib
  t.comment(`seed ${seed}: ${attacks} attacks; ${counts.join(', ')}; ${early} → ${late} MiB`)
  t.same(breaches.slice(0, 10), [], `${breaches.length} breaches`)
  t.ok(service.isRunning, service.log)
  t.notMatch(service.log, /request failed|uncaught/i)
  t.ok(statuses.size > 5, 'the attacks get through to different answers')
  if (target.hasStream) t.ok((statuses.get(101) ?? 0) > 20, 'websockets are opened')
  t.ok(late - early <= maxGrowthMib, `memory stays: ${early} → ${late} MiB`)
  t.equal((await fetch(service.url + health)).status, 200, 'it lives')
  if (target.hasStream) await streams(t, service)
  await asksForTokens(t, service, target)
}

async function streams(t: Test, { url }: Service): Promise<void> {
  const client = await StreamClient.open(t, Number(new URL(url).port), { headers: { Authorization: `Bearer ${FULL}` } })
  client.say({ type: 'subscribe', topics: ['jobs'] })
  t.match(await client.saw(({ type }) => type === 'snapshot'), { topic: 'jobs' }, 'it streams')
  client.close()
}

async function asksForTokens(t: Test, { url }: Service, { aims }: Target): Promise<void> {
  for (const { method, path, auth } of aims) {
    if (auth === 'none') continue
    for (const authorization of [undefined, '', 'Bearer', `Bearer ${FULL}x`, `Basic ${FULL}`, FULL]) {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await fetch(url + path.replaceAll(/\{\w+\}/g, 'job-1'), { method, headers })
      t.equal(answer.status, 401, `${method} ${path} with ${authorization}`)
      await answer.arrayBuffer()
    }
  }
}
