import type { Browser } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { NO_BROWSER } from '#test/support/browser/browser.ts'
import { startedPage } from '#test/support/browser/started-page.ts'
import { listenHttp } from '#test/support/http/sockets.ts'

const ROUNDS = 7

/** In milliseconds, from the end of the document to the first row of the first screen. */
const LIMIT_MS = 300

const HELLO =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Hello</title><main><table><tbody><tr><td>Hello</td></tr></tbody></table></main></html>'

describe.skipIf(NO_BROWSER)('the first screen', () => {
  const started = startedPage({ only: ['global-market'], refreshed: ['global-market'] })

  test('shows the datasets within 300 ms of its document, beyond what a page that says hello takes', async ({
    onTestFinished,
  }) => {
    const { browser, origin } = started.current
    const hello = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(HELLO)
    }, onTestFinished)
    const times: { readonly hello: number; readonly page: number }[] = []
    for (let round = 0; round < ROUNDS; round += 1)
      times.push({ hello: await rowTime(browser, hello), page: await rowTime(browser, origin) })

    const page = median(times.map((time) => time.page))
    const floor = median(times.map((time) => time.hello))
    process.stdout.write(`first screen: ${page.toFixed(0)} ms, hello: ${floor.toFixed(0)} ms\n`)

    expect(page - floor).toBeLessThanOrEqual(LIMIT_MS)
  })
})

/** Milliseconds from the last byte of the document to the frame that shows the first row, in a browser without copies. */
async function rowTime(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ locale: 'en-US' })
  try {
    const page = await context.newPage()
    await page.addInitScript(() => {
      const shown = new Promise<number>((resolve) => {
        const check = () => {
          if (document.querySelector('main tbody tr')) resolve(performance.now())
          else requestAnimationFrame(check)
        }
        requestAnimationFrame(check)
      })
      Object.assign(window, { shown })
    })
    await page.goto(url)
    return await page.evaluate(async () => {
      const { shown } = window as unknown as { shown: Promise<number> }
      const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
      return (await shown) - (navigation?.responseEnd ?? Number.NaN)
    })
  } finally {
    await context.close()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
