/** `npm run screenshots`: starts a demo and takes the pictures of docs/img/ from it. Run by hand; no test writes there. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'

const OUT = fileURLToPath(new URL('../docs/img/', import.meta.url))
const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const FLEET = ['--jobs', '60', '--speedup', '2', '--interval', '1s', '--seed', '7']
/** Until jobs have ended, and a chart has something to show. */
const WARM_MS = 150_000

type Colours = 'light' | 'dark'

const demo = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'demo', '--plain', ...FLEET], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, OMA_HTTP_PORT: '0', VMA_HTTP_PORT: '0' },
})
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  mkdirSync(OUT, { recursive: true })
  await takeAll(browser, await addressOf(demo))
} finally {
  await browser.close()
  const ended = once(demo, 'exit')
  demo.kill('SIGINT')
  await ended
}

/** The demo's banner names the OMA and a token. */
async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the demo says nothing')
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /export OMA=(\S+) .*TOKEN=(\S+)/.exec(line)
    if (found !== null) return `${found[1]}/#token=${found[2]}`
  }
  throw new Error('the demo ended before it said where it is')
}

async function takeAll(on: Browser, address: string): Promise<void> {
  const wide = { width: 1280, height: 800 }
  const pages: readonly (readonly [name: string, page: Page])[] = [
    ['fleet-light', await open(on, address, wide, 'light')],
    ['fleet-dark', await open(on, address, wide, 'dark')],
    ['phone', await open(on, address, { width: 360, height: 740 }, 'light')],
    ['vm', await open(on, address, { width: 1280, height: 1100 }, 'light')],
  ]
  console.log(`watching the demo for ${WARM_MS / 1_000} s`)
  await new Promise((resolve) => setTimeout(resolve, WARM_MS))
  for (const [name, page] of pages) {
    if (name.startsWith('fleet')) await openRow(page)
    if (name === 'vm') await openVm(page)
    await page.screenshot({ path: `${OUT}${name}.png` })
    console.log(`docs/img/${name}.png`)
  }
}

async function open(
  on: Browser,
  address: string,
  viewport: { readonly width: number; readonly height: number },
  colorScheme: Colours,
): Promise<Page> {
  const page = await on.newPage({ viewport, colorScheme, locale: 'en-GB' })
  await page.goto(address)
  await page.locator('[data-truth=live]').waitFor()
  return page
}

/** The first job with several disks that moves. */
async function openRow(page: Page): Promise<void> {
  await page.locator('.row[data-state=moving]', { hasText: 'disks' }).first().click()
  await page.mouse.move(0, 0)
}

/** A job that has moved for a while, by its page. */
async function openVm(page: Page): Promise<void> {
  await page.getByLabel('Sort by').selectOption('progress')
  await page.getByRole('button', { name: /sort descending/ }).click()
  await page.locator('.row[data-state=moving] a').first().click()
  await page.locator('.log-line').first().waitFor()
  await page.locator('.stages li').first().waitFor()
}
