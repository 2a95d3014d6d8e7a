import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type LocalProcess, startAndWait, waitForOrigin } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { startBrowser } from './browser.ts'
import { type Visit, type VisitOptions, visit } from './visit.ts'

/** A system and a browser, for the tests of one suite. */
export interface StartedPage {
  readonly system: LocalProcess
  readonly origin: string
  /** That of an operator. */
  readonly token: string
  readonly browser: Browser
  /** Opens a tab for the length of one test. */
  readonly visit: (atEnd: OnCleanup, options?: VisitOptions) => Promise<Visit>
}

interface PageOptions {
  readonly settings?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly only: readonly string[]
  readonly aheadMs?: number
  /** Jobs that have stored data before the first test. */
  readonly refreshed: readonly string[]
}

/** Starts a system and a browser before the tests of a suite. */
export function startedPage(options: PageOptions): { readonly current: StartedPage } {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  const suite: { current?: StartedPage } = {}
  beforeAll(async () => {
    const browser = await startBrowser(atEnd)
    const started = await startPage(options, atEnd)
    suite.current = {
      ...started,
      browser,
      visit: (atTestEnd, more) => visit(browser, started.origin, atTestEnd, more),
    }
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })
  return suite as { readonly current: StartedPage }
}

/** Starts a system and waits for its first data. */
export async function startPage(
  { settings = {}, only, refreshed, ...options }: PageOptions,
  atEnd: OnCleanup,
) {
  const data = settings['FRESHET_DATA'] ?? (await temporaryDirectory(atEnd))
  const system = await startAndWait({ FRESHET_DATA: data, ...settings }, atEnd, { only, ...options })
  const origin = await waitForOrigin(system)
  const token = (await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
  for (const job of refreshed) await system.waitForLine(new RegExp(` ${job} {2}(?:succeeded|partial)`))
  return { system, origin, token }
}
