import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { NO_BROWSER } from '#test/support/browser/browser.ts'
import { startedPage } from '#test/support/browser/started-page.ts'

const HOUR_MS = 3_600_000

/** What the browser itself writes about requests that fail on purpose. */
const EXPECTED = /status of [45]\d\d|ERR_INTERNET|ERR_FAILED/

describe.skipIf(NO_BROWSER)('a page whose surroundings fail', () => {
  const started = startedPage({ only: ['global-market'], refreshed: ['global-market'] })

  test('with a clock that is five hours ahead shows ages by the clock of the system', async ({
    onTestFinished,
  }) => {
    const { page, open } = await started.current.visit(onTestFinished)
    await page.addInitScript((ahead) => {
      const { now } = Date
      Date.now = () => now() + ahead
    }, 5 * HOUR_MS)
    await open('')

    await expect.poll(() => globalMarket(page).innerText()).toMatch(/\d+ (?:min|s) of 15 min/)
    expect(await globalMarket(page).innerText()).not.toMatch(/5 h/)
  })

  test('says when it loaded what it shows, while the system does not answer', async ({ onTestFinished }) => {
    const { page, open } = await started.current.visit(onTestFinished, { expected: EXPECTED })
    await open('')

    await page.context().setOffline(true)
    const alert = await page.getByRole('alert').textContent()
    const shown = await page.locator('main').innerText()

    expect(alert).toMatch(/^The system does not answer \(.+\)\.$/)
    expect(shown).toMatch(/What follows was loaded \d+ s ago\./)
    expect(shown).toContain('Global crypto market statistics')
  })

  test('with the answer of another system stays usable, and says that it cannot show it', async ({
    onTestFinished,
  }) => {
    const { origin, visit } = started.current
    const { page } = await visit(onTestFinished)
    await page.route('**/datasets', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<html>sign in to the network</html>' }),
    )
    await page.goto(origin)

    const alert = await page.getByRole('alert').textContent()

    expect(alert).toMatch(/^The page cannot show this answer: /)
    expect(await page.getByRole('link', { name: 'API' }).isVisible()).toBe(true)
  })

  test('loads again what it loads once, after an error', async ({ onTestFinished }) => {
    const { page, open } = await started.current.visit(onTestFinished, { expected: EXPECTED })
    await page.route('**/openapi.json', (route) => route.fulfill({ status: 503, body: '{}' }), { times: 1 })
    await open('#/datasets/global-market')

    await page.getByText('total_market_cap_usd').first().waitFor()

    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('asks to reload where its files are gone after a deployment', async ({ onTestFinished }) => {
    const { page, open } = await started.current.visit(onTestFinished, { expected: EXPECTED })
    await open('')
    await page.route('**/ui/**', (route) => route.fulfill({ status: 404, body: '{}' }))

    await page.getByRole('link', { name: 'API' }).click()
    const alert = await page.getByRole('alert').textContent()

    expect(alert).toMatch(/Reload the page: there may be a new version\.$/)
  })

  test.for([
    { token: undefined, advice: 'This is for operators: sign in at the end of this page.' },
    {
      token: 'expired',
      advice: 'The token is not accepted: sign out at the end of this page, and sign in with another one.',
    },
  ])('says what to do after 401 with the token $token', async ({ token, advice }, { onTestFinished }) => {
    const options = { expected: EXPECTED, ...(token === undefined ? {} : { token }) }
    const { page, open } = await started.current.visit(onTestFinished, options)
    await open('#/upstreams')

    expect(await page.getByRole('alert').textContent()).toBe(
      `GET /v1/upstreams: 401: Unauthorized. ${advice}`,
    )
    expect(await page.getByRole('table').count()).toBe(0)
  })

  test('shows jobs that --only leaves out as off, by that option', async ({ onTestFinished }) => {
    const { page, open } = await started.current.visit(onTestFinished)
    await open('')

    const row = await page.getByRole('row', { name: /HAMA analyses/ }).innerText()

    expect(row).toContain('The job is off, by its settings (--only).')
    expect(await page.title()).toBe('Datasets | Freshet')
  })
})

function globalMarket(page: Page) {
  return page.getByRole('row', { name: /Global crypto market statistics/ })
}
