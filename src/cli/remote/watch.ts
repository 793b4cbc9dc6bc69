/** `sightline watch [name]`: all jobs, those of one VM, or one job, until its end (CLI-4). */

import { setTimeout as wait } from 'node:timers/promises'
import { duration } from '../../../config/kinds.ts'
import type { SightlineClient } from '../../client/index.ts'
import type { ClientCommandOptions } from '../commands.ts'
import { canDraw } from '../display.ts'
import { EXIT } from '../exit-codes.ts'
import { stopSignal } from '../stop-signal.ts'
import { printable } from '../text.ts'
import { mayPass } from './ask.ts'
import { asking } from './command.ts'
import type { Connection } from './connection.ts'
import { faultOf, reasonOf } from './faults.ts'
import { lookOf } from './look.ts'
import { lost, type Outcome } from './outcome.ts'
import { liveShow } from './show-live.ts'
import { jsonShow } from './show-json.ts'
import { PlainShow } from './show-plain.ts'
import type { Show } from './show.ts'
import { findTarget, type Target } from './target.ts'
import { Watching } from './watching.ts'

const USUAL_TIMEOUT_MS = 60_000
const DAY_MS = 86_400_000
const RETRY_MS = 1_000

export async function run(options: ClientCommandOptions): Promise<number> {
  const { timeout } = options.flags
  const parsed = typeof timeout === 'string' ? duration(1_000, DAY_MS).parse(timeout) : { value: USUAL_TIMEOUT_MS }
  const problems = 'problem' in parsed ? [`--timeout ${parsed.problem}`] : []
  const [name] = options.args
  if (name !== undefined && options.flags['untilIdle'] === true)
    problems.push('--until-idle is for all jobs: of one it waits for the end anyway')
  const timeoutMs = 'value' in parsed ? parsed.value : 0
  return await asking(options, problems, (client, connection) =>
    watch({ options, client, connection, name, timeoutMs }),
  )
}

interface Order {
  readonly options: ClientCommandOptions
  readonly client: SightlineClient
  readonly connection: Connection
  readonly name: string | undefined
  readonly timeoutMs: number
}

async function watch(order: Order): Promise<number> {
  const signal = stopSignal(() => process.exit(EXIT.interrupted))
  const interrupted = signal.stopped.then((): Outcome => {
    const code = order.name === undefined ? EXIT.ok : EXIT.interrupted
    return { name: 'interrupted', code, why: 'ended by hand' }
  })
  const over = new AbortController()
  let watching: Watching | undefined
  const show = showFor(order, () => watching)
  let outcome: Outcome = lost('it broke off')
  try {
    const target = await Promise.race([find(order, show, over.signal), interrupted])
    if ('code' in target) outcome = target
    else {
      watching = watchingOf(order, target, show)
      outcome = await Promise.race([watching.outcome, interrupted])
    }
  } catch (error) {
    const { code, sentence } = faultOf(error, order.connection)
    outcome = { name: code === EXIT.refused ? 'refused' : 'lost', code, why: sentence }
  } finally {
    over.abort()
    watching?.close()
    show.close(outcome)
    signal.close()
  }
  if (outcome.name === 'lost' || outcome.name === 'refused') process.stderr.write(`sightline: ${outcome.why}\n`)
  return outcome.code
}

function watchingOf({ client, connection, options, timeoutMs }: Order, target: Target, show: Show): Watching {
  const untilIdle = options.flags['untilIdle'] === true
  return new Watching({ client, connection, target, show, untilIdle, timeoutMs, now: () => performance.now() })
}

function showFor({ options, name }: Order, watching: () => Watching | undefined): Show {
  const { flags, env } = options
  const write = (line: string): void => void process.stdout.write(`${line}\n`)
  const eachJob = name !== undefined
  if (flags['json'] === true) return jsonShow(write, Date.now)
  if (flags['plain'] === true || !canDraw(process.stdout, env))
    return new PlainShow({ write, now: Date.now, eachJob, jobs: () => watching()?.jobs.values() ?? [] })
  const look = lookOf(process.stdout, env)
  return liveShow({ terminal: process.stdout, look, now: Date.now, eachJob, scene: watching })
}

/** What the name means. An OMA that is away is waited for, as it is later. */
async function find(
  { client, connection, name, timeoutMs }: Order,
  show: Show,
  over: AbortSignal,
): Promise<Target | Outcome> {
  if (name === undefined) return { kind: 'all' }
  const end = performance.now() + timeoutMs
  for (let attempt = 1; ; attempt += 1) {
    try {
      const target = await findTarget(client.rest, name)
      return target ?? lost(`the OMA at ${connection.url} knows neither a job nor a VM ${printable(name)}`)
    } catch (error) {
      if (!mayPass(error) || over.aborted) throw error
      const reason = reasonOf(error)
      if (performance.now() > end) return lost(`no OMA at ${connection.url}: ${reason}`)
      show.connection({ name: 'reconnecting', attempt, inMs: RETRY_MS, reason })
      await wait(RETRY_MS, undefined, { signal: over })
    }
  }
}
