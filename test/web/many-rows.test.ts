import t from 'tap'
import type { Page } from 'playwright-core'
import type { LiveJobJson } from '../../src/model/live.ts'
import { streamServer, TOKEN, type StreamServer } from '../support/stream-server.ts'
import { TestBrowser } from './support/browser.ts'
import { startFront } from './support/front.ts'
import { traceTasks } from './support/tasks.ts'

const ROWS = 5_000
/** So many of them change every tenth of a second. */
const CHANGED = 500
const TICK_MS = 100
const WATCHED_MS = 6_000
/** A window of 800 pixels shows about twelve, and some before and after are drawn too. */
const MOST_ROWS_DRAWN = 60
const MIB = 1_048_576

/** Counts long tasks and the times between frames from the first moment on. */
const METER = `
  window.meter = { frames: [], tasks: [] };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.meter.tasks.push(Math.round(entry.duration));
  }).observe({ type: 'longtask', buffered: true });
  let last = performance.now();
  const step = (now) => { window.meter.frames.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
`

interface Meter {
  readonly frames: readonly number[]
  readonly tasks: readonly number[]
}

t.test('[WEB-4] five thousand VMs of which hundreds change every tenth of a second stay in hand', async (t) => {
  const server = await streamServer(t, { gatherMs: TICK_MS })
  for (let index = 0; index < ROWS; index += 1)
    server.stream.set(idOf(index), jobAt(index, 0), 'started', nameOf(index))
  const front = await startFront(t, server.port, contexts())
  const browser = await TestBrowser.start(t)
  const page = await browser.page({ before: METER })
  let tasks = await traceTasks(browser.chromium, page)
  await page.goto(`${front.url}/#token=${TOKEN}`)
  await page.getByText(`${grouped(ROWS)} of ${grouped(ROWS)} VMs`).waitFor()
  await page.locator('[data-truth=live]').waitFor()
  await page.locator('.row [role=progressbar]').first().waitFor()
  tell(t, 'until it stands', await taken(page), await tasks())
  tasks = await traceTasks(browser.chromium, page)

  const ticking = tick(server)
  t.teardown(() => ticking.stop())
  await page.waitForFunction(`window.meter.frames.reduce((sum, ms) => sum + ms, 0) > ${WATCHED_MS}`)
  tell(t, 'while all change', await taken(page), await tasks())
  tasks = await traceTasks(browser.chromium, page)

  await page.keyboard.press('/')
  await page.keyboard.type('vm-0042', { delay: 30 })
  await page.getByText(`10 of ${grouped(ROWS)} VMs`).waitFor()
  await page.keyboard.press('Escape')
  await page.getByText(`${grouped(ROWS)} of ${grouped(ROWS)} VMs`).waitFor()
  tell(t, 'while one searches', await taken(page), await tasks())
  tasks = await traceTasks(browser.chromium, page)

  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  await page.locator(`.row[data-key="ctx-${nameOf(ROWS - 1)}"]:focus`).waitFor()
  for (let at = 0; at < 40; at += 1) await page.mouse.wheel(0, -3_000)
  const drawn = await page.evaluate<number>('document.querySelectorAll(".row").length')
  t.ok(drawn > 5 && drawn <= MOST_ROWS_DRAWN, `${drawn} of ${ROWS} rows are drawn`)
  tell(t, 'while one scrolls', await taken(page), await tasks())

  await ticking.stop()
  await page.keyboard.press('Home')
  const shown = page.locator(`.row[data-key="ctx-${nameOf(0)}"] [role=progressbar]`)
  const last = server.stream.jobs.get(idOf(0))?.progress_percent ?? -1
  await page.waitForFunction(
    `document.querySelector('.row[data-key="ctx-${nameOf(0)}"] [role=progressbar]')?.ariaValueNow === '${Math.floor(last * 10) / 10}'`,
  )
  t.equal(await shown.getAttribute('aria-valuenow'), String(Math.floor(last * 10) / 10), 'the last change is shown')
  t.same(browser.faults, [])
})

function nameOf(index: number): string {
  return `vm-${String(index).padStart(5, '0')}`
}

function idOf(index: number): string {
  return `job-${String(index).padStart(5, '0')}`
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}

function contexts(): readonly object[] {
  return Array.from({ length: ROWS }, (_, index) => ({
    context_id: `ctx-${nameOf(index)}`,
    vm_name: nameOf(index),
    vcenter_host: 'vcenter-01',
    current_status: 'replicating',
    current_job_id: idOf(index),
    last_job_at: '2025-09-05T15:00:00Z',
    last_status_change: '2025-09-05T15:00:00Z',
  }))
}

/** Each further round moves a job on by a tenth of a percent. */
function jobAt(index: number, round: number): Partial<LiveJobJson> {
  const percent = ((index % 70) + round / 10) % 100
  const disk = (number: number): LiveJobJson['disks'][number] => ({
    disk_id: `disk-200${number}`,
    export_name: `migration-vol-${index}-${number}`,
    reporting: true,
    sync_status: 'syncing',
    progress_percent: percent,
    bytes_transferred: Math.round(percent * 512 * MIB),
    total_bytes: 51_200 * MIB,
    total_origin: 'reported',
    transfer_speed_bps: (80 + (round % 40)) * MIB,
    eta_seconds: 600,
  })
  return {
    progress_percent: percent,
    bytes_transferred: Math.round(percent * 1_024 * MIB),
    total_bytes: 102_400 * MIB,
    transfer_speed_bps: (160 + ((round + index) % 80)) * MIB,
    eta_seconds: 600,
    eta_low_seconds: 500 + (round % 50),
    eta_high_seconds: 900 + (round % 50),
    verdict: index % 97 === 0 ? 'slow' : 'moving',
    verdict_since: new Date().toISOString(),
    disks_total: 2,
    disks_reporting: 2,
    disks: [disk(0), disk(1)],
  }
}

/** Moves the first rows, those in sight, each time, and others in turn. */
function tick(server: StreamServer): { readonly stop: () => Promise<void> } {
  let round = 0
  let next = 0
  const timer = setInterval(() => {
    round += 1
    for (let index = 0; index < 50; index += 1) server.stream.set(idOf(index), jobAt(index, round))
    for (let count = 50; count < CHANGED; count += 1) {
      next = (next + 1) % ROWS
      server.stream.set(idOf(next), jobAt(next, round))
    }
  }, TICK_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return Promise.resolve()
    },
  }
}

async function taken(page: Page): Promise<Meter> {
  return await page.evaluate<Meter>(
    'window.meter.taken = { frames: window.meter.frames.splice(0), tasks: window.meter.tasks.splice(0) }',
  )
}

/** Figures for whoever reads the output; how fast a shared machine is proves nothing. */
function tell(t: { comment(text: string): void }, when: string, { frames, tasks }: Meter, byProcessor: string): void {
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(0)
  t.comment(
    `${when}: ${frames.length} frames, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${(sorted.at(-1) ?? 0).toFixed(0)} ms; ` +
      `${tasks.length} long tasks by the clock${tasks.length > 0 ? `: ${tasks.join(', ')} ms` : ''}`,
  )
  t.comment(`  ${byProcessor}`)
}
