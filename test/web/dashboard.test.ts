/** The dashboard in a real browser, served by a real OMA; one rig and one browser for all of it, in this order. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import t from 'tap'
import { formatMoved } from '../../web/src/format/amounts.ts'
import { until } from '../support/service.ts'
import { TestBrowser } from './support/browser.ts'
import { jobOf, MOVING, READER, Rig, TOKEN } from './support/rig.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

t.setTimeout(110_000)

const rig = await Rig.start(t)
const browser = await TestBrowser.start(t)
const page = await browser.page()

const bar = (name: string): ReturnType<Page['locator']> => rowOf(name).getByRole('progressbar')
const rowOf = (name: string): ReturnType<Page['locator']> => page.locator(`.row[data-key="ctx-${name}"]`)
const names = async (): Promise<string[]> => await page.locator('.row .cell-name a').allTextContents()

t.test('[WEB-5] a token that is not known is told with its 401, one that is opens the fleet', async (t) => {
  await page.goto(rig.url)
  await page.getByLabel('Access token').fill('a-wrong-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  t.match(await page.getByRole('alert').textContent(), /does not know this token \(401\)/)
  t.same(await axe(page), [], 'axe finds nothing on the way in')
  await page.getByLabel('Access token').fill(TOKEN)
  await page.keyboard.press('Enter')
  await page.locator('[data-truth=live]').waitFor()
  t.same(await kept(page), { tab: TOKEN, browser: null })

  const other = await browser.page()
  await other.goto(`${rig.url}/#token=${encodeURIComponent(TOKEN)}`)
  await other.locator('[data-truth=live]').waitFor()
  t.notMatch(other.url(), /token/, 'it has left the address')
  await other.evaluate("sessionStorage.setItem('sightline.token', 'no-longer-known')")
  await other.reload()
  t.match(await other.getByRole('alert').textContent(), /401/, 'also one that was good once')
  t.same(await kept(other), { tab: null, browser: null })
  await other.context().close()
})

t.test('[WEB-1] bars move, and say what REST says', async (t) => {
  for (const [at, name] of MOVING.entries()) await rig.tell(name, 1 + at)
  await page.locator('.row').nth(6).waitFor()
  t.same(
    (await names()).toSorted(),
    ['idle-1', 'old-1', 'sql-1', 'twin', 'twin', 'web-10', 'web-9'],
    'every VM, with or without a job',
  )
  await until('the bar stands at 1 GiB', async () => ((await valueOf('web-9')) === '2.5' ? true : undefined))
  await rig.tell('web-9', 10)
  await until('the bar has moved to 10 GiB', async () => ((await valueOf('web-9')) === '25' ? true : undefined))
  for (const name of MOVING) {
    const job = await rig.client.rest.job(jobOf(name))
    t.equal(await rowOf(name).locator('.cell-moved').textContent(), formatMoved(job.bytes_transferred, job.total_bytes))
    t.equal(await valueOf(name), String(Math.floor(job.progress_percent * 10) / 10))
    t.match(await bar(name).getAttribute('aria-valuetext'), /GiB/)
  }
  t.match(await page.locator('[data-group=running]').textContent(), /3/)
  t.match(await page.locator('[data-group=failed]').textContent(), /1/)
  await rowOf('web-9').click()
  await page.locator('[data-disk=disk-2000]').waitFor()
  t.equal(await page.locator('[data-disk=disk-2000] [role=progressbar]').getAttribute('aria-valuenow'), '25')
  t.same(await axe(page), [], 'axe finds nothing in the fleet')
})

t.test('[WEB-1] search, filters and order, and an address that leads to them again', async (t) => {
  await page.getByRole('searchbox').fill('WEB')
  await page.getByText('2 of 7 VMs').waitFor()
  await page.getByLabel('Sort by').selectOption('name')
  t.same(await names(), ['web-9', 'web-10'])
  await page.getByRole('button', { name: 'VM', exact: true }).click()
  t.same(await names(), ['web-10', 'web-9'])
  await page.reload()
  await page.getByText('2 of 7 VMs').waitFor()
  t.same(await names(), ['web-10', 'web-9'], 'a reload changes nothing')
  await page.getByRole('searchbox').fill('')
  await page.locator('[data-group=failed]').click()
  await page.getByText('1 of 7 VMs').waitFor()
  t.same(await names(), ['old-1'])
  await page.locator('[data-group=failed]').click()
  await page.getByLabel('Status').selectOption('discovered')
  await page.getByText('1 of 7 VMs').waitFor()
  t.same(await names(), ['idle-1'])
  await page.goto(`${rig.url}/#/?q=nothing-like-it`)
  await page.getByRole('button', { name: 'Show all VMs' }).click()
  await page.getByText('7 of 7 VMs').waitFor()
})

t.test('[WEB-5] the keyboard goes everywhere', async (t) => {
  await page.keyboard.press('/')
  await page.keyboard.type('web-1')
  await page.getByText('1 of 7 VMs').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('7 of 7 VMs').waitFor()
  await page.getByLabel('Sort by').selectOption('name')
  await page.getByLabel('Sort by').focus()
  await page.keyboard.press('/')
  for (const key of ['idle-1', 'old-1', 'sql-1']) {
    await page.keyboard.press('ArrowDown')
    await until(`the focus is on ${key}`, async () => ((await focused(page)) === `ctx-${key}` ? true : undefined))
  }
  await page.keyboard.press('ArrowRight')
  t.equal(await rowOf('sql-1').getAttribute('aria-expanded'), 'true')
  await page.keyboard.press('Space')
  t.equal(await rowOf('sql-1').getAttribute('aria-expanded'), 'false')
  await page.getByRole('button', { name: 'VM', exact: true }).focus()
  await page.keyboard.press('Enter')
  await until('the head has sorted', async () => ((await names())[0] === 'web-10' ? true : undefined))
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  for (let tabs = 0; tabs < 9 && (await focused(page)) === null; tabs += 1) await page.keyboard.press('Tab')
  t.equal(await focused(page), 'ctx-sql-1', 'Tab leads to the row that one was at')
  await page.keyboard.press('End')
  t.equal(await focused(page), 'ctx-web-10')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'web-10' }).waitFor()
  await page.locator('main:focus').waitFor()
  await page.keyboard.press('Escape')
  await until('the focus is where it was', async () => ((await focused(page)) === 'ctx-web-10' ? true : undefined))
})

t.test('[WEB-2] the page of a VM tells the whole run, also after a reload', async (t) => {
  for (const gib of [12, 14, 16]) {
    await rig.tell('web-9', gib)
    await until(`${gib} GiB are shown`, async () => ((await valueOf('web-9')) === String(gib * 2.5) ? true : undefined))
  }
  await page.goto(`${rig.url}/#/vm/web-9?vcenter=vcenter-01`)
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'web-9' }).waitFor()
  const { stages, points } = await rig.client.rest.history(jobOf('web-9'))
  t.ok(points.length > 2, `${points.length} points are kept`)
  await page.locator('.stages li').first().waitFor()
  t.equal(await page.locator('.stages li').count(), stages.length)
  const chart = page.getByRole('img', { name: /^Rate of web-9/ })
  await until('the curve is drawn', async () => ((await inked(page)) > 100 ? true : undefined))
  t.match(await chart.getAttribute('aria-label'), /between .* MiB\/s/)
  t.match(await page.locator('.summary-figures').textContent(), /16\.0 \/ 40\.0 GiB/)
  for (const fact of ['source', 'contact', 'next']) {
    t.match(await page.locator(`[data-fact=${fact}]`).textContent(), /ago|in|now/, `the age of ${fact}`)
  }
  await page.locator('.log-line').first().waitFor()
  t.same(await axe(page), [], 'axe finds nothing on the page of a VM')

  await page.goto(`${rig.url}/#/vm/old-1`)
  await page.locator('.link').first().waitFor()
  const links = await page.locator('.link').all()
  const kinds = await Promise.all(links.map(async (link) => await link.getAttribute('data-link')))
  t.same(kinds, ['breaks', 'start'])

  await page.goto(`${rig.url}/#/vm/twin`)
  await page.getByRole('link', { name: 'vcenter-02' }).click()
  await page.locator('.facts', { hasText: 'vcenter-02' }).waitFor()
  await page.locator('main:focus').waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.row').first().waitFor()
})

t.test('[WEB-2] orders are taken from who may give them, and refused in words to who may not', async (t) => {
  await page.goto(`${rig.url}/#/vm/sql-1`)
  await page.getByRole('button', { name: 'Stop polling' }).click()
  await page.locator('.summary .badge', { hasText: 'Suspended' }).waitFor()
  await page.getByRole('button', { name: 'Start polling' }).click()
  await page.locator('.summary .badge', { hasText: 'Moving' }).waitFor()

  const reader = await browser.page()
  await reader.goto(`${rig.url}/#token=${READER}`)
  await reader.locator('[data-truth=live]').waitFor()
  await reader.goto(`${rig.url}/#/vm/sql-1`)
  await reader.getByRole('button', { name: 'Stop polling' }).click()
  await reader.getByText(/may only read \(403\)/).waitFor()
  await reader.context().close()
  t.equal((await rig.client.rest.job(jobOf('sql-1'))).poller.state === 'paused', false, 'nothing has happened')
})

t.test(
  '[WEB-3] the OMA falls silent and is killed: no number looks live, and it all comes back without a reload',
  { timeout: 90_000 },
  async (t) => {
    await page.goto(`${rig.url}/#/`)
    await rowOf('web-9').waitFor()
    await page.evaluate('window.isStillThisPage = true')
    rig.freeze()
    await page.locator('[data-banner=reconnecting]').waitFor()
    t.match(await page.locator('.banner').textContent(), /as of \d\d:\d\d:\d\d/)
    t.match(await rowOf('web-9').locator('.cell-eta').textContent(), /^as of \d\d:\d\d:\d\d$/, 'no estimate')
    t.match(await bar('web-9').getAttribute('aria-valuetext'), /not live/)
    t.equal(await page.locator('main').getAttribute('class'), 'is-old')
    await rig.kill()
    await page.locator('[data-banner=stale]').waitFor()
    t.equal(await page.locator('.pill').getAttribute('data-truth'), 'stale')
    t.same(await axe(page), [], 'axe finds nothing while it is stale')

    await rig.tell('web-9', 30)
    await rig.startAgain()
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.locator('[data-truth=live]').waitFor()
    await until(
      'the number of now is there',
      async () => ((await valueOf('web-9')) === '75' ? true : undefined),
      30_000,
    )
    const job = await rig.client.rest.job(jobOf('web-9'))
    t.equal(
      await rowOf('web-9').locator('.cell-moved').textContent(),
      formatMoved(job.bytes_transferred, job.total_bytes),
    )
    t.equal(await page.locator('.banner').count(), 0)
    t.equal(await page.evaluate('window.isStillThisPage'), true, 'the page was not loaded anew')
  },
)

t.test('[WEB-5] light, dark and a phone: axe finds nothing, and nothing hangs over the edge', async (t) => {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 })
      for (const hash of ['#/', '#/vm/web-9']) {
        await page.goto(`${rig.url}/${hash}`)
        await page
          .locator(hash === '#/' ? '.row' : '.disk-card')
          .first()
          .waitFor()
        t.same(await axe(page), [], `${hash} ${colorScheme} ${width}`)
        const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        t.ok(over <= 0, `${hash} at ${width} pixels is ${over} too wide`)
      }
    }
  }
})

t.test('no page threw, and the Content-Security-Policy forbade nothing', async (t) => {
  t.same(browser.faults, [])
})

async function valueOf(name: string): Promise<string | null> {
  return await bar(name).getAttribute('aria-valuenow')
}

async function kept(on: Page): Promise<unknown> {
  return await on.evaluate(
    "({ tab: sessionStorage.getItem('sightline.token'), browser: localStorage.getItem('sightline.token') })",
  )
}

async function focused(on: Page): Promise<string | null> {
  return await on.evaluate<string | null>("document.activeElement?.getAttribute('data-key')")
}

/** Pixels of the chart that are not empty. */
async function inked(on: Page): Promise<number> {
  return await on.evaluate<number>(`(() => {
    const canvas = document.querySelector('.chart canvas');
    if (canvas === null || canvas.width === 0) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) count += 1;
    return count;
  })()`)
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary: string }[]
}

/** What axe finds, in a line each. */
async function axe(on: Page): Promise<readonly string[]> {
  await on.evaluate(`window.axe ?? (() => { ${AXE} })()`)
  const violations = await on.evaluate<readonly Violation[]>('axe.run().then(({ violations }) => violations)')
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${JSON.stringify(target)} ${failureSummary}`),
  )
}
