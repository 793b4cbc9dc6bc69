/** Debian's Chromium for a test file: one browser, its pages' faults kept, closed at the end. */

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { Test } from 'tap'

const CHROMIUM = process.env['SIGHTLINE_CHROMIUM'] ?? '/usr/bin/chromium'
const BOUND_MS = 30_000

export interface Screen extends Pick<BrowserContextOptions, 'viewport' | 'colorScheme' | 'reducedMotion' | 'locale'> {
  /** Runs in the page before its own code. */
  readonly before?: string
}

export class TestBrowser {
  readonly chromium: Browser
  /** What pages threw, or a Content-Security-Policy forbade. */
  readonly faults: string[] = []

  private constructor(browser: Browser) {
    this.chromium = browser
  }

  static async start(t: Test): Promise<TestBrowser> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    t.teardown(async () => await browser.close())
    return new TestBrowser(browser)
  }

  /** A page of a person of its own: no token is kept yet. */
  async page({ before, ...screen }: Screen = {}): Promise<Page> {
    const context = await this.chromium.newContext({ viewport: { width: 1280, height: 800 }, ...screen })
    context.setDefaultTimeout(BOUND_MS)
    if (before !== undefined) await context.addInitScript({ content: before })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.faults.push(error.message))
    page.on('console', (message) => {
      if (/Content.Security.Policy|Refused to/.test(message.text())) this.faults.push(message.text())
    })
    return page
  }
}
