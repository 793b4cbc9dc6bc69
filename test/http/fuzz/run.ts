/** Sends attacks to a service from many connections, and judges its answers as they come. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { mixSeed, Random } from '../../../src/sim/random.ts'
import type { Service } from '../../support/service.ts'
import { attackOf, type Attack, type Target } from './attacks.ts'

export interface FuzzOptions {
  readonly service: Service
  readonly target: Target
  readonly seed: number
  readonly forMs: number
}

export interface FuzzOutcome {
  readonly attacks: number
  /** Status → how often it was answered. */
  readonly statuses: ReadonlyMap<number, number>
  readonly breaches: readonly string[]
  /** MiB of resident memory after a quarter of the time, and at the end. */
  readonly residentMib: readonly [number, number]
}

const CONNECTIONS = 24
/** How long an attack waits for a first word, and then for another one. */
const PATIENCE_MS = 150
const QUIET_MS = 15

export async function fuzz({ service, target, seed, forMs }: FuzzOptions): Promise<FuzzOutcome> {
  const { hostname, port } = new URL(service.url)
  const statuses = new Map<number, number>()
  const breaches: string[] = []
  let sent = 0
  const round = async (): Promise<void> => {
    const number = sent
    sent += 1
    const attack = attackOf(new Random(mixSeed(seed, number)), target)
    const found = statusesIn(await said(hostname, Number(port), attack))
    for (const status of found) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    for (const breach of judge(attack, found))
      breaches.push(`seed ${seed}, attack ${number} (${attack.name}): ${breach}`)
  }
  const until = async (end: number): Promise<void> => {
    const lane = async (): Promise<void> => {
      while (Date.now() < end && service.isRunning) await round()
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, lane))
  }
  const start = Date.now()
  await until(start + forMs / 4)
  const early = residentMib(service.pid)
  await until(start + forMs)
  return { attacks: sent, statuses, breaches, residentMib: [early, residentMib(service.pid)] }
}

function* judge(attack: Attack, statuses: readonly number[]): Iterable<string> {
  for (const status of statuses) {
    // 505 is uWS's word for what is no HTTP/1.1 (docs/adr/0031).
    if (status >= 500 && status !== 505) yield `answered ${status}`
    // 204 answers preflights, which carry no token.
    if (status !== 204 && (status === 101 || (status >= 200 && status < 300)) && !attack.mayPass)
      yield `answered ${status} without a token`
  }
}

/** `/readyz` may find for a moment that something is slow, and says so by a 503 of its own: that is none of ours. */
function statusesIn(text: string): number[] {
  const found = Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm), ([, status]) => Number(status))
  return text.includes('"status":"degraded"') ? found.filter((status) => status !== 503) : found
}

/** All that the service says to it until it closes or falls silent. */
function said(host: string, port: number, attack: Attack): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, host)
    let timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
    const wait = (ms: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(), ms)
    }
    socket.setEncoding('latin1')
    socket.on('error', () => undefined)
    socket.on('data', (chunk: string) => {
      text += chunk
      wait(QUIET_MS)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
    socket.on('connect', () => write(socket.write.bind(socket), attack.pieces))
  })
}

/** Each piece in a turn of its own, so that the server is likely to read them apart. */
function write(send: (piece: Buffer) => boolean, [piece, ...rest]: readonly Buffer[]): void {
  if (piece === undefined) return
  send(piece)
  setImmediate(() => write(send, rest))
}

function residentMib(pid: number): number {
  const status = `/proc/${pid}/status`
  const kib = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout
  return Math.round(Number(kib) / 1_024)
}
