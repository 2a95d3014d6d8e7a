import type { Page } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import { NO_BROWSER, startBrowser } from '#test/support/browser/browser.ts'
import { startedPage, startPage } from '#test/support/browser/started-page.ts'
import { visit } from '#test/support/browser/visit.ts'
import { fixedResponse, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const GLOBAL = { only: ['global-market'], refreshed: ['global-market'] }

describe.skipIf(NO_BROWSER)('an operator', () => {
  const started = startedPage(GLOBAL)

  test('signs in with a token; a wrong one is refused in the words of the API', async ({
    onTestFinished,
  }) => {
    const { token, visit } = started.current
    const { page, open } = await visit(onTestFinished, { expected: /status of 40[13]/ })
    await open('#/datasets/global-market')

    await signIn(page, 'wrong')
    const refused = await page.getByRole('alert').first().textContent()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, token)
    await page.getByRole('heading', { name: 'Actions' }).waitFor()

    expect(refused).toMatch(/: 40[13]: /)
  })

  test('triggers a run, waits for its end, reads its record, and finds it in the audit', async ({
    onTestFinished,
  }) => {
    const { token, visit } = started.current
    const { page, open, complaints } = await visit(onTestFinished, { token })
    await open('#/datasets/global-market')

    const result = await act(page, 'Trigger a run', 'is it up?')
    await page
      .getByRole('row', { name: /operator/ })
      .first()
      .getByRole('link')
      .click()
    await page.getByRole('heading', { level: 1, name: 'Run' }).waitFor()
    await page.getByText(/^(?:succeeded|unchanged)$/).waitFor()
    await page.getByRole('link', { name: 'Audit' }).click()
    const entry = await page.getByRole('listitem').filter({ hasText: 'trigger' }).first().innerText()

    expect(result).toMatch(/^Run \S+ ended as (?:succeeded|unchanged)/)
    expect(entry).toContain('trigger of job global-market: is it up?')
    expect(complaints).toEqual([])
  })

  test('skips a tick and marks data as stale, each with its reason in the audit', async ({
    onTestFinished,
  }) => {
    const { token, visit } = started.current
    const { page, open } = await visit(onTestFinished, { token })
    await open('#/datasets/global-market')

    const skipped = await act(page, 'Skip a tick', 'a release')
    const stale = await act(page, 'Mark data as stale', 'a wrong value')
    await open('#/audit')
    await page.getByRole('listitem').filter({ hasText: 'a release' }).waitFor()
    const entries = (await page.getByRole('listitem').allInnerTexts()).join('\n')

    expect(skipped).toMatch(/^The tick of \S+ is skipped\.$/)
    expect(stale).toBe('Stored values that are marked as stale: 1.')
    expect(entries).toContain('skip of job global-market: a release')
    expect(entries).toContain('invalidate of job global-market: a wrong value')
  })

  test('sees limits and use of each provider', async ({ onTestFinished }) => {
    const { token, visit } = started.current
    const { page, open } = await visit(onTestFinished, { token })
    await open('#/upstreams')

    const row = await page.getByRole('row', { name: /CoinGecko/ }).innerText()

    expect(row).toMatch(/5 a minute, 1 at once.*closed/s)
  })
})

describe.skipIf(NO_BROWSER)('a pause by the page', () => {
  test('outlives a killed process, and is ended by the page', async ({ onTestFinished }) => {
    const settings = { FRESHET_DATA: await temporaryDirectory(onTestFinished) }
    const first = await startPage({ ...GLOBAL, settings }, onTestFinished)
    const browser = await startBrowser(onTestFinished)
    const before = await visit(browser, first.origin, onTestFinished, { token: first.token })
    await before.open('#/datasets/global-market')

    const paused = await act(before.page, 'Pause', 'maintenance')
    await first.system.kill()
    const again = await startPage({ ...GLOBAL, settings, refreshed: [] }, onTestFinished)
    const after = await visit(browser, again.origin, onTestFinished, { token: again.token })
    await after.open('')
    const row = await after.page.getByRole('row', { name: /Global crypto market/ }).innerText()
    await after.open('#/datasets/global-market')
    const why = await after.page.locator('section[aria-labelledby="facts"]').innerText()
    const resumed = await act(after.page, 'Resume', 'done')
    await after.page.getByText('Pause', { exact: true }).first().waitFor()

    expect(paused).toBe('The job is paused for 2 hours.')
    expect(row).toMatch(/paused/)
    expect(why).toMatch(/maintenance/)
    expect(resumed).toBe('The job runs by its schedule again.')
  })
})

describe.skipIf(NO_BROWSER)('a body that validation refuses', () => {
  test('is shown next to the expected fields', async ({ onTestFinished }) => {
    const upstream = await scriptedUpstream(onTestFinished)
    const body = '{"data": {"total_market_cap": {"usd": "<b>many</b>"}}}'
    upstream.respondWith(fixedResponse(200, 'application/json', body))
    const { origin, token } = await startPage(
      { only: ['global-market'], refreshed: [], settings: upstream.setting },
      onTestFinished,
    )
    const browser = await startBrowser(onTestFinished)
    const { page, open } = await visit(browser, origin, onTestFinished, { token })
    await open('#/datasets/global-market')
    const rejected = page.locator('section[aria-labelledby="rejected"]')

    await rejected.locator('summary').first().click({ timeout: 30_000 })
    await rejected.locator('li').first().waitFor()
    const raw = await rejected.locator('pre').first().textContent()
    const expected = await rejected.locator('li').allTextContents()

    expect(raw).toContain('<b>many</b>')
    expect(expected.join('\n')).toContain('total_market_cap_usd')
  })
})

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByText('Operators', { exact: true }).click()
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Submits the form of an action with a reason; what came of it. */
async function act(page: Page, title: string, reason: string): Promise<string> {
  const action = page.locator('details', { has: page.getByText(title, { exact: true }) })
  const status = page.locator('section[aria-labelledby="actions"]').getByRole('status')
  await action.locator('summary').first().click()
  await action.getByLabel('Reason').fill(reason)
  const before = (await status.textContent()) ?? ''
  await action.getByRole('button', { name: title }).click()
  return await vi.waitFor(
    async () => {
      const text = (await status.textContent()) ?? ''
      expect(text).not.toBe(before)
      return text
    },
    { timeout: 40_000, interval: 200 },
  )
}
