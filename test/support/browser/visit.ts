import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

/** A visit of the page, with what the browser complained of. */
export interface Visit {
  readonly page: Page
  /** Errors of scripts, of the console, and violations of the content security policy. */
  readonly complaints: readonly string[]
  /** Opens a view and waits until it has a heading and nothing is loading. */
  readonly open: (view: string) => Promise<void>
}

/** How a tab is opened. */
export interface VisitOptions extends BrowserContextOptions {
  /** Signs in with it, as the form does. */
  readonly token?: string
  /** Complaints that are expected, such as that of the browser about a response of 404. */
  readonly expected?: RegExp
}

/** A view is loaded when nothing has been loading for this long. */
const QUIET_MS = 400

/** The key under which the page keeps a token for its tab. */
const STORED_TOKEN = 'freshet-operator-token'

/** Opens a tab without cookies or stored copies. */
export async function visit(
  browser: Browser,
  origin: string,
  atEnd: OnCleanup,
  { token, expected, ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'Europe/Berlin', ...options })
  atEnd(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  const complain = (text: string) => {
    if (!expected?.test(text)) complaints.push(text)
  }
  page.on('pageerror', (error) => complain(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complain(`console: ${message.text()}`)
  })
  await page.exposeFunction('reportViolation', (text: string) => complain(`policy: ${text}`))
  await page.addInitScript(
    (stored) => {
      if (stored.token !== undefined) sessionStorage.setItem(stored.key, stored.token)
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        const { reportViolation } = window as unknown as { reportViolation: (text: string) => void }
        reportViolation(`${violatedDirective} ${blockedURI}`)
      })
    },
    { key: STORED_TOKEN, token },
  )
  const open = async (view: string) => {
    await page.goto(`${origin}/${view}`)
    await page.locator('h1').waitFor()
    // a part that has loaded may load another one
    let quietSince = Date.now()
    while (Date.now() - quietSince < QUIET_MS) {
      await page.waitForTimeout(50)
      if ((await page.locator('[aria-busy="true"]').count()) > 0) quietSince = Date.now()
    }
  }
  return { page, complaints, open }
}

const SCREENSHOTS = join(import.meta.dirname, '../../../dist/screenshots')

/** Keeps a picture of the whole page beside the build; not part of the repository. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const path = join(SCREENSHOTS, `${name}.png`)
  await mkdir(dirname(path), { recursive: true })
  await page.screenshot({ path, fullPage: true })
  return path
}
