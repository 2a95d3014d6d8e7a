import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { NO_BROWSER } from '#test/support/browser/browser.ts'
import { startedPage } from '#test/support/browser/started-page.ts'
import { screenshot } from '#test/support/browser/visit.ts'

const MINUTE_MS = 60_000
const START = Date.UTC(2026, 10, 20, 12)

/** The history of a rate, a record a minute, newest first as the API has it. */
function historyBody(minutes: number, missing: readonly number[] = []) {
  const history = Array.from({ length: minutes }, (_, minute) => ({
    symbol: 'BTCUSDT',
    time: new Date(START + minute * MINUTE_MS).toISOString(),
    venue: 'binance',
    rate: missing.includes(minute) ? null : (0.0001 + 0.00002 * Math.sin(minute / 6)).toFixed(8),
  }))
  return { status: 'success', symbol: 'BTCUSDT', days: 30, history: history.reverse() }
}

describe.skipIf(NO_BROWSER)('a chart of 60 minutes', () => {
  const started = startedPage({ only: ['global-market'], refreshed: [] })

  test.for([
    ['has no gap where a record follows each minute', [], false],
    ['has a gap where a figure is missing', [29, 30, 31], true],
  ] as const)('%s', async ([name, missing, hasGap], { onTestFinished }) => {
    const { page, open } = await started.current.visit(onTestFinished, {
      viewport: { width: 1_000, height: 800 },
    })
    await page.route('**/funding_monitor/latest-rates', (route) =>
      route.fulfill({ json: { status: 'success', contracts: [{ symbol: 'BTCUSDT' }] } }),
    )
    await page.route('**/funding_monitor/history/BTCUSDT?days=30', (route) =>
      route.fulfill({ json: historyBody(60, missing) }),
    )
    await open('#/datasets/funding-rates')

    await page.getByText('/funding_monitor/history/{symbol}').click()
    await page.locator('.u-over').waitFor()
    await page.waitForTimeout(300)
    await screenshot(page, `chart-${hasGap ? 'gap' : 'whole'}`)
    const columns = await drawnColumns(page)
    const gaps = gapsIn(columns)

    expect(name).not.toBe('')
    expect(columns.filter(Boolean).length).toBeGreaterThan(300)
    expect(gaps).toHaveLength(hasGap ? 1 : 0)
  })
})

/** For each column of pixels of the plot, whether the first line is drawn in it. */
function drawnColumns(page: Page): Promise<readonly boolean[]> {
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.uplot canvas')
    const over = document.querySelector<HTMLElement>('.u-over')
    const context = canvas?.getContext('2d')
    if (!canvas || !over || !context) throw new Error('expected a chart')
    const ratio = devicePixelRatio
    const [left, top] = [over.offsetLeft * ratio, over.offsetTop * ratio]
    const [width, height] = [over.offsetWidth * ratio, over.offsetHeight * ratio]
    const probe = document.createElement('canvas').getContext('2d')
    if (!probe) throw new Error('expected a context')
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--line-1')
    probe.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data
    const { data } = context.getImageData(left, top, width, height)
    return Array.from({ length: width }, (_, x) =>
      Array.from({ length: height }, (_row, y) => (y * width + x) * 4).some(
        (at) =>
          (data[at + 3] ?? 0) > 128 &&
          Math.abs((data[at] ?? 0) - red) +
            Math.abs((data[at + 1] ?? 0) - green) +
            Math.abs((data[at + 2] ?? 0) - blue) <
            60,
      ),
    )
  })
}

/** Runs of columns without a line, between columns with one. */
function gapsIn(columns: readonly boolean[]): readonly number[] {
  const [first, last] = [columns.indexOf(true), columns.lastIndexOf(true)]
  const between = columns.slice(first, last).map((isDrawn) => (isDrawn ? '1' : '0'))
  return between
    .join('')
    .split(/1+/)
    .filter((run) => run !== '')
    .map((run) => run.length)
}
