import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { NO_BROWSER, startBrowser } from '#test/support/browser/browser.ts'
import { startedPage, startPage } from '#test/support/browser/started-page.ts'
import { visit } from '#test/support/browser/visit.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const HAMA = { only: ['symbol-universe', 'hama'], refreshed: ['hama'] }

describe.skipIf(NO_BROWSER)('a reader', () => {
  const started = startedPage({ ...HAMA, only: [...HAMA.only, 'global-market'] })

  test('tries a read on the page of the API, and gets errors in the words of the API', async ({
    onTestFinished,
  }) => {
    const { page, open } = await started.current.visit(onTestFinished, { expected: /status of 40\d/ })
    await open('#/api')
    const operation = (path: string) =>
      page.locator('details', { has: page.getByText(path, { exact: true }) })
    const symbols = operation('/api/gainer-analysis/symbols')
    const tasks = operation('/api/gainer-analysis/tasks/{task_id}')

    for (const opened of [symbols, tasks]) {
      await opened.locator('summary').first().click()
      await opened.getByRole('button', { name: 'Try' }).click()
    }
    await symbols.getByText('Raw response').click()
    const raw = await symbols.locator('pre').first().textContent()
    await tasks.getByLabel('task_id').fill('none')
    await tasks.getByLabel('task_id').press('Enter')
    const error = await tasks.getByRole('alert').textContent()

    expect(raw).toMatch(/^HTTP 200\n(?:.+\n)*etag: /)
    expect(error).toMatch(/^GET \/api\/gainer-analysis\/tasks\/none: 40\d: \S/)
  })

  test('copies a call of the client and of curl, which both answer', async ({ onTestFinished }) => {
    const { origin, visit } = started.current
    const { page, open } = await visit(onTestFinished)
    await open('#/datasets/hama')
    await page.getByText('With curl').waitFor()

    const curl = (await page.locator('figure pre').first().textContent()) ?? ''
    const [, url = '', body = ''] = /^curl '(\S+)' -H '\S+ \S+' -d '(.+)'$/.exec(curl) ?? []
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const client = await page.locator('figure pre').nth(1).textContent()

    expect(answer.status).toBe(200)
    expect(client).toContain(`createClient({ baseUrl: '${origin}' })`)
    expect(client).toContain(`freshet.post('/api/gainer-analysis/analyze-symbol', {"body":${body}})`)
  })

  test('with a keyboard alone opens a dataset, whose heading then has the focus', async ({
    onTestFinished,
  }) => {
    const { page, open } = await started.current.visit(onTestFinished)
    await open('')

    await tabTo(page, 'HAMA analyses')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /HAMA/ }).waitFor()
    const focused = await focusedText(page)
    await tabTo(page, 'Raw response')
    await page.keyboard.press('Enter')
    await page.locator('details[open] pre').first().waitFor()

    expect(focused).toMatch(/^HAMA analyses/)
  })

  test('gets a page, not JSON, for an address that does not exist; a program gets a problem', async ({
    onTestFinished,
  }) => {
    const { origin, visit } = started.current
    const { page } = await visit(onTestFinished, { expected: /404/ })

    const response = await page.goto(`${origin}/no/such/page`)
    const shown = await page.locator('body').innerText()
    const program = await fetch(`${origin}/no/such/page`, { headers: { accept: 'application/json' } })

    expect(response?.status()).toBe(404)
    expect(shown).toMatch(/not found/i)
    expect(await page.getByRole('link').first().getAttribute('href')).toBe('/')
    expect(program.headers.get('content-type')).toMatch(/json/)
  })

  test('sees a refresh without loading the page again; a hidden tab asks for nothing', async ({
    onTestFinished,
  }) => {
    const { system, visit } = started.current
    const { page, open } = await visit(onTestFinished)
    await page.addInitScript(() => {
      const state = { hidden: false }
      Object.defineProperty(document, 'hidden', { get: () => state.hidden })
      Object.assign(window, { hideTab: (hidden: boolean) => Object.assign(state, { hidden }) })
    })
    await page.clock.install()
    await open('')
    const row = page.getByRole('row', { name: /Global crypto market statistics/ })
    const operator = await system.operator()
    await operator.post('/v1/jobs/{id}/pause', {
      path: { id: 'global-market' },
      body: { for: '1 hours', reason: 'maintenance' },
    })
    const shown = row.getByText('paused').waitFor({ timeout: 30_000 })
    await page.clock.fastForward('00:11')
    await shown
    await page.evaluate('hideTab(true)')
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    await page.clock.fastForward('05:00')
    await sleep(500)
    const whileHidden = requests.length
    const loaded = page.waitForResponse(/\/datasets$/)
    await page.evaluate("hideTab(false); document.dispatchEvent(new Event('visibilitychange'))")
    await loaded

    expect(whileHidden).toBe(0)
  })

  test('of unchanged data gets 304: the page asks with the entity tag of its copy', async ({
    onTestFinished,
  }) => {
    const { origin, visit } = started.current
    const { page, open } = await visit(onTestFinished)
    await open('')
    const session = await page.context().newCDPSession(page)
    await session.send('Network.enable')
    const statuses: number[] = []
    session.on('Network.responseReceivedExtraInfo', ({ statusCode }) => statuses.push(statusCode))
    await page.evaluate(async (url) => {
      for (let turn = 0; turn < 3; turn += 1) await (await fetch(url)).text()
    }, `${origin}/datasets`)

    expect(statuses).toContain(304)
  })
})

/** The chaos profile `outage` begins every nine minutes with three minutes without a good response. */
const OUTAGE_CYCLE_MS = 9 * 60_000

describe.skipIf(NO_BROWSER)('why HAMA is old, while its provider is broken', () => {
  test('is answered on the first screen, and in full after one click', async ({ onTestFinished }) => {
    const data = await temporaryDirectory(onTestFinished)
    const settings = { FRESHET_DATA: data }
    const before = await startPage({ ...HAMA, settings }, onTestFinished)
    await before.system.kill()
    const aheadMs = Math.ceil((Date.now() + 20 * 60_000) / OUTAGE_CYCLE_MS) * OUTAGE_CYCLE_MS - Date.now()
    const broken = { ...HAMA, settings, refreshed: [], args: ['--chaos=outage'], aheadMs }
    const { system, origin } = await startPage(broken, onTestFinished)
    const operator = await system.operator()
    await operator.post('/v1/jobs/{id}/runs', { path: { id: 'hama' }, query: { wait: 20 } })
    const browser = await startBrowser(onTestFinished)
    const { page, open } = await visit(browser, origin, onTestFinished)
    await page.clock.install({ time: Date.now() + aheadMs })
    await open('')

    const row = page.getByRole('row', { name: /HAMA analyses/ })
    await row
      .getByText(/failed \(/)
      .first()
      .waitFor({ timeout: 30_000 })
    const firstScreen = await row.innerText()
    await row.getByRole('link').click()
    const why = page.locator('section[aria-labelledby="why"] > p')
    await why.first().waitFor()
    const lines = await why.allTextContents()

    expect(firstScreen).toMatch(/overdue/)
    expect(firstScreen).toMatch(/failed \((?:network|upstream-fault|timeout)\)/)
    expect(lines[0]).toMatch(/fail/i)
    expect(lines[1]).toMatch(/tick|run|cool/i)
  })
})

describe.skipIf(NO_BROWSER)('the next 24 hours', () => {
  test('before the clocks change in New York say when, and list the runs by both zones', async ({
    onTestFinished,
  }) => {
    const now = Date.parse('2027-03-13T20:00:00Z')
    const { origin } = await startPage(
      {
        settings: { FRED_TERMS_ACCEPTED: 'true' },
        only: ['macro-indicators', 'macro-risk'],
        refreshed: [],
        aheadMs: now - Date.now(),
      },
      onTestFinished,
    )
    const browser = await startBrowser(onTestFinished)
    const { page, open } = await visit(browser, origin, onTestFinished)
    await page.clock.install({ time: now })
    await open('#/timeline')

    await page.getByText('The clocks of America/New_York change by 60 minutes').waitFor()
    const marks = await page.locator('rect.change').count()
    const risk = page.getByRole('row', { name: /Macro risk/ })
    const run = await risk.locator('svg.runs rect.fresh title').first().textContent()

    expect(marks).toBeGreaterThan(0)
    expect(run).toMatch(/Europe\/Berlin, 2027-03-1\d .* America\/New_York$/)
  })
})

/** Presses Tab until an element with the text has the focus. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await focusedText(page)) === text) return
  }
  throw new Error(`expected Tab to reach ${text}`)
}

function focusedText(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
}
