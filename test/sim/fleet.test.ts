import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Fleet, FLEET_SETTINGS, type FleetSettings } from '../../src/sim/fleet.ts'
import type { TransferEnd, UpdateDocument } from '../../src/sim/migratekit.ts'
import type { TransferPlan } from '../../src/sim/plan.ts'

interface Got {
  readonly key: string
  readonly document: UpdateDocument
}

interface StandIn {
  readonly url: string
  readonly got: readonly Got[]
  readonly mostAtOnce: () => number
  readonly connections: () => number
}

interface Manner {
  readonly status?: number
  readonly delayMs?: number
  /** This many requests get no answer at first. */
  readonly silent?: number
}

/** A VMA that takes everything down and answers in its manner. */
async function standIn(t: Tap, { status = 200, delayMs = 0, silent = 0 }: Manner = {}): Promise<StandIn> {
  const got: Got[] = []
  let now = 0
  let most = 0
  let connections = 0
  const server: Server = createServer((request, response) => {
    let body = ''
    now += 1
    most = Math.max(most, now)
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const key = decodeURIComponent((request.url ?? '').split('/')[4] ?? '')
      const document: unknown = JSON.parse(body)
      got.push({ key, document: document as UpdateDocument })
      if (got.length <= silent) return
      setTimeout(() => {
        now -= 1
        response.writeHead(status, { 'content-type': 'application/json' }).end('{"status":"success"}')
      }, delayMs)
    })
  })
  server.on('connection', () => (connections += 1))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, got, mostAtOnce: () => most, connections: () => connections }
}

type Tap = Pick<typeof t, 'teardown'>

function fleetOn(t: Tap, url: string, settings: Partial<FleetSettings> = {}): Fleet {
  const fleet = new Fleet({ ...FLEET_SETTINGS, url, ...settings })
  t.teardown(() => fleet.close())
  return fleet
}

/** Set-up in 5 ms, then a disk that takes about 200 ms: two reports at the client's fastest pace, and the end. */
const QUICK: TransferPlan = {
  kind: 'initial',
  totalBytes: 200_000,
  rateBps: 1_000_000,
  setupMs: [1, 1, 1, 1, 1],
  spells: [],
  fate: { type: 'completes' },
  seed: 5,
  bootId: 'b',
}

function run(fleet: Fleet, key: string, plan: TransferPlan): Promise<TransferEnd> {
  return new Promise((resolve) => fleet.launch(key, plan, resolve))
}

t.test('each process posts its documents in order under its own key, over kept connections', async (t) => {
  const vma = await standIn(t)
  const fleet = fleetOn(t, vma.url, { maxInFlight: 4 })
  const keys = Array.from({ length: 30 }, (_, n) => `migration-vol-${n}/ü`)
  t.same(new Set(await Promise.all(keys.map((key) => run(fleet, key, QUICK)))), new Set(['completed']))
  for (const key of keys) {
    const own = vma.got.filter((got) => got.key === key).map((got) => got.document)
    const seqs = own.map((document) => document.seq)
    if (JSON.stringify(seqs) !== JSON.stringify(own.map((_, n) => n + 1))) t.fail(`${key} sent ${seqs}`)
    t.equal(own.at(-1)?.status, 'completed')
  }
  t.ok(vma.connections() <= 4, `${vma.connections()} connections for ${vma.got.length} updates`)
  t.match(fleet.stats(), { active: 0, accepted: vma.got.length, refused: 0, unanswered: 0, lastTrouble: null })
})

t.test('no more requests are under way than allowed, however many disks are due', async (t) => {
  const vma = await standIn(t, { delayMs: 3 })
  const fleet = fleetOn(t, vma.url, { maxInFlight: 5 })
  await Promise.all(Array.from({ length: 60 }, (_, n) => run(fleet, `k${n}`, QUICK)))
  t.ok(vma.mostAtOnce() <= 5, `${vma.mostAtOnce()} at once`)
})

t.test('a transfer goes on and ends whatever the VMA answers, and the refusals are counted', async (t) => {
  const vma = await standIn(t, { status: 500 })
  const fleet = fleetOn(t, vma.url)
  t.equal(await run(fleet, 'k', QUICK), 'completed')
  t.match(fleet.stats(), { accepted: 0, refused: vma.got.length, lastTrouble: /^HTTP 500/ })
})

t.test('a transfer goes on and ends when nobody listens', async (t) => {
  const vma = await standIn(t)
  const fleet = fleetOn(t, vma.url.replace(/\d+$/, '1'))
  t.equal(await run(fleet, 'k', QUICK), 'completed')
  t.equal(vma.got.length, 0)
  t.ok(fleet.stats().unanswered >= 6)
})

t.test('a silent VMA costs a client its timeout, not its transfer', async (t) => {
  const vma = await standIn(t, { silent: 1 })
  const fleet = fleetOn(t, vma.url, { timeoutMs: 50 })
  t.equal(await run(fleet, 'k', { ...QUICK, totalBytes: 0 }), 'completed')
  t.match(fleet.stats(), { unanswered: 1, accepted: 5, active: 0 })
})

t.test('a stopped process sends nothing more and does not call back', async (t) => {
  const vma = await standIn(t)
  const fleet = fleetOn(t, vma.url)
  const long = fleet.launch('long', { ...QUICK, totalBytes: 1e12 }, () => t.fail('it was stopped'))
  await run(fleet, 'short', QUICK)
  long.stop()
  const sent = vma.got.filter((got) => got.key === 'long').length
  t.ok(sent > 0)
  await run(fleet, 'short', QUICK)
  t.ok(vma.got.filter((got) => got.key === 'long').length <= sent + 1, 'at most the one under way')
  t.equal(fleet.stats().active, 0)
})

t.test('an overtaken update arrives after the one behind it', async (t) => {
  const vma = await standIn(t)
  const fleet = fleetOn(t, vma.url)
  const keys = Array.from({ length: 20 }, (_, n) => `k${n}`)
  await Promise.all(keys.map((key) => run(fleet, key, { ...QUICK, reorderShare: 0.5 })))
  const seqs = keys.map((key) => vma.got.filter((got) => got.key === key).map((got) => got.document.seq ?? 0))
  t.ok(seqs.some((own) => own.some((seq, n) => seq < (own[n - 1] ?? 0))))
})

t.test('closing in the midst of things ends everything: no timer and no connection keeps the process', async (t) => {
  const vma = await standIn(t, { delayMs: 5 })
  const fleet = fleetOn(t, vma.url)
  for (let n = 0; n < 50; n += 1) fleet.launch(`k${n}`, { ...QUICK, totalBytes: 1e9 }, () => t.fail('it was closed'))
  await run(fleet, 'short', QUICK)
  await fleet.close()
  const sent = vma.got.length
  await new Promise((resolve) => setTimeout(resolve, 250))
  t.equal(vma.got.length, sent)
  const ours = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')
  t.same(ours, [], 'no timer is left')
})
