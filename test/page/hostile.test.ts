import { describe, expect, test } from 'vitest'
import { gdeltBody } from '#test/fakes/jobs/geo-events.ts'
import { NO_BROWSER, startBrowser } from '#test/support/browser/browser.ts'
import { startPage } from '#test/support/browser/started-page.ts'
import { screenshot, visit } from '#test/support/browser/visit.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { fixedResponse, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'

const MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'
const TITLES = [
  `War ${MARKUP}`,
  'War \u202Edetrever\u202C حرب تجارية',
  'War 🚀👩‍👩‍👧‍👦 sanctions',
  '"><svg onload=window.hacked=3> war',
  'war {{constructor.constructor("window.hacked=4")()}} and $(7*7)',
]

/** What is stored of them: markup and characters that change the direction of text are removed. */
const CLEANED = ['War detrever حرب تجارية', 'War 🚀', '"> war', TITLES[4] ?? '']

describe.skipIf(NO_BROWSER)('hostile text is shown as text', () => {
  test('of a provider, in the data that are served', async ({ onTestFinished }) => {
    const rows = TITLES.map((title, index) => ({ title, at: Date.now() - (index + 1) * 600_000 }))
    const gdelt = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(gdeltBody(rows)))
    }, onTestFinished)
    const { origin } = await startPage(
      {
        only: ['geo-events'],
        refreshed: ['geo-events'],
        settings: { FRESHET_UPSTREAM_GDELT_URL: gdelt },
      },
      onTestFinished,
    )
    const browser = await startBrowser(onTestFinished)
    const { page, open, complaints } = await visit(browser, origin, onTestFinished)
    await open('#/datasets/geo-events')
    await page.getByText('Raw response').first().click()
    await page.getByRole('table').first().waitFor()

    const text = (await page.locator('main').textContent()) ?? ''
    const elements = await page.locator('main img, main script, main svg[onload]').count()
    await screenshot(page, 'hostile-data')

    for (const title of CLEANED) expect(text).toContain(title)
    expect([elements, await page.evaluate('window.hacked'), complaints]).toEqual([0, undefined, []])
  })

  test('of a provider, in a failure and a rejected body of 10 kB; of an operator, in a reason', async ({
    onTestFinished,
  }) => {
    const upstream = await scriptedUpstream(onTestFinished)
    const body = JSON.stringify({ data: MARKUP.repeat(150) })
    upstream.respondWith(fixedResponse(200, 'application/json', body))
    const { system, origin, token } = await startPage(
      { only: ['global-market'], refreshed: [], settings: upstream.setting },
      onTestFinished,
    )
    await system.waitForLine(/ global-market {2}failed/)
    const operator = await system.operator()
    const pause = { for: '1 hours', reason: MARKUP }
    await operator.post('/v1/jobs/{id}/pause', { path: { id: 'global-market' }, body: pause })
    const browser = await startBrowser(onTestFinished)
    const { page, open, complaints } = await visit(browser, origin, onTestFinished, {
      token,
      // the dataset has no value yet, and the browser says so
      expected: /status of 503/,
    })

    await open('#/datasets/global-market')
    await page.locator('section[aria-labelledby="rejected"] summary').first().click()
    const shown = (await page.locator('main').textContent()) ?? ''
    await screenshot(page, 'hostile-rejected')
    await open('#/audit')
    const entry = page.getByRole('listitem').filter({ hasText: 'pause of job global-market' }).first()
    const audit = await entry.textContent()

    expect(shown.split(MARKUP).length).toBeGreaterThan(2)
    expect(audit).toContain(MARKUP)
    expect([await page.evaluate('window.hacked'), complaints]).toEqual([undefined, []])
  })
})
