import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { NO_BROWSER } from '#test/support/browser/browser.ts'
import { startedPage } from '#test/support/browser/started-page.ts'
import { visit } from '#test/support/browser/visit.ts'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

describe.skipIf(NO_BROWSER)('the page through freshet ui', () => {
  const started = startedPage({ only: ['global-market'], refreshed: ['global-market'] })

  test('sends signed requests of the tab that opened its address, and of no other', async ({
    onTestFinished,
  }) => {
    const { browser, origin, token } = started.current
    const address = await oneTimeAddress(origin, token, onTestFinished)
    const proxy = new URL(address).origin
    const { page, complaints } = await visit(browser, proxy, onTestFinished)

    await page.goto(address)
    await page.getByText('Your requests are signed by the command line.').waitFor()
    const shownAddress = page.url()
    await page.getByRole('link', { name: 'Providers' }).click()
    const row = await page.getByRole('row', { name: /CoinGecko/ }).innerText()
    const other = await visit(browser, proxy, onTestFinished)
    await other.open('')
    const refusal = await other.page.getByText(/press Enter in the terminal/).innerText()
    const unsigned = await fetch(`${proxy}/v1/upstreams`)
    const again = await fetch(address)

    expect(shownAddress).toBe(`${proxy}/`)
    expect(row).toMatch(/5 a minute/)
    expect(refusal).toMatch(/freshet ui/)
    expect([unsigned.status, again.status]).toEqual([401, 403])
    expect(complaints).toEqual([])
  })
})

/** Starts the proxy; the address that it prints. */
async function oneTimeAddress(origin: string, token: string, atEnd: OnCleanup): Promise<string> {
  const args = ['infra/cli/freshet.mjs', '--url', origin, '--json', 'ui', '--no-open']
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], FRESHET_TOKEN: token },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  atEnd(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(line) ?? []
    if (address !== undefined) return address
  }
  throw new Error('expected an address, got the end of freshet ui')
}
