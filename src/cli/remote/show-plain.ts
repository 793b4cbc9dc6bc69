/** `watch` as lines: one for each thing that happens, and now and then how far it is. */

import type { ConnectionState, LiveJob } from '../../client/index.ts'
import { isTerminal } from '../../model/words.ts'
import { formatMibps, formatMoved, formatPercent, formatRange } from '../format.ts'
import { timeOfDay } from '../plain.ts'
import { verdictWords } from '../table.ts'
import { printable } from '../text.ts'
import { stateText, type Show } from './show.ts'
import { totalsOf, totalSegments } from './totals.ts'

export interface PlainParts {
  readonly write: (line: string) => void
  /** Epoch ms. */
  readonly now: () => number
  /** Each job's way, or the totals alone. */
  readonly eachJob: boolean
  readonly jobs: () => Iterable<LiveJob>
}

const EVERY_MS = 5_000

export class PlainShow implements Show {
  readonly #parts: PlainParts
  /** When a line of progress was last written, by job; '' for the totals. */
  readonly #toldAt = new Map<string, number>()
  #said = ''

  constructor(parts: PlainParts) {
    this.#parts = parts
  }

  connection(state: ConnectionState): void {
    const text = stateText(state)
    if (state.name === 'idle' || state.name === 'closed' || text === this.#said) return
    // Each new attempt is one: what is told is the loss, and the way back.
    if (state.name === 'connecting' && this.#said !== '') return
    this.#said = text
    this.#say('connection', text)
  }

  update(update: Parameters<Show['update']>[0]): void {
    if (update.type === 'event') return this.#event(update.event.event, update.event.job_id, update.job)
    for (const job of update.jobs) if (update.type === 'snapshot') this.#progress(job)
    if (!this.#parts.eachJob) return this.#totals()
    if (update.type === 'delta') for (const job of update.jobs) if (this.#isDue(job.job_id)) this.#progress(job)
  }

  close({ name, why }: Parameters<Show['close']>[0]): void {
    this.#say(name, why)
  }

  #event(event: string, jobId: string, job: LiveJob | undefined): void {
    if (job === undefined) return this.#say(printable(jobId), event)
    const parts = [printable(job.vm_name), printable(job.job_id), event]
    if (event === 'stage') parts.push(job.status, printable(job.current_operation))
    if (event === 'completed' || event === 'failed') parts.push(amountText(job))
    if (job.error_message !== '' && event === 'failed') parts.push(printable(job.error_message))
    this.#say(...parts)
  }

  #progress(job: LiveJob): void {
    this.#toldAt.set(job.job_id, this.#parts.now())
    const range = formatRange(job.eta_low_seconds, job.eta_high_seconds)
    const parts = [printable(job.vm_name), printable(job.job_id), job.status, amountText(job)]
    if (!isTerminal(job.status)) {
      parts.push(`${formatMibps(job.transfer_speed_bps)} MiB/s`)
      if (range !== undefined) parts.push(`ETA ${range}`)
      parts.push(verdictWords(job.verdict))
    }
    this.#say(...parts)
  }

  #totals(): void {
    if (!this.#isDue('')) return
    this.#toldAt.set('', this.#parts.now())
    this.#say(...totalSegments(totalsOf([...this.#parts.jobs()])))
  }

  #isDue(key: string): boolean {
    return this.#parts.now() - (this.#toldAt.get(key) ?? -Infinity) >= EVERY_MS
  }

  #say(...parts: readonly string[]): void {
    this.#parts.write([timeOfDay(this.#parts.now()), ...parts].join('  ').trimEnd())
  }
}

function amountText(job: LiveJob): string {
  const percent = formatPercent(job.progress_percent)
  return job.total_bytes > 0 ? `${percent}  ${formatMoved(job.bytes_transferred, job.total_bytes)}` : percent
}
