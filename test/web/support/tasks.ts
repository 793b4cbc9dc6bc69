/**
 * The tasks of a page's main thread by their processor time. The long tasks that a page sees itself are told by the clock on
 * the wall: on a machine with other work they tell how busy that is.
 */

import type { Browser, Page } from 'playwright-core'

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Processor time, microseconds. */
  readonly tdur?: number
}

/** Chromium has pages of its own beside: ours is known by a mark that it sets. */
const MARK = 'sightline-traced'
/** Longer than that is felt. */
const LONG_MS = 50

export async function traceTasks(browser: Browser, page: Page): Promise<() => Promise<string>> {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] })
  return async () => {
    await page.evaluate(`performance.mark('${MARK}')`)
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
      readonly traceEvents: readonly TraceEvent[]
    }
    const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`
    const ours = traceEvents.filter(({ name }) => name === MARK).map(threadOf)
    const times = traceEvents
      .filter((event) => event.name.endsWith('RunTask') && ours.includes(threadOf(event)))
      .map(({ tdur = 0 }) => tdur / 1_000)
      .toSorted((a, b) => b - a)
    const longest = times.slice(0, 5).map((ms) => ms.toFixed(0))
    const long = times.filter((ms) => ms > LONG_MS).length
    return `${times.length} tasks, the longest ${longest.join(', ')} ms of processor time; ${long} over ${LONG_MS} ms`
  }
}
