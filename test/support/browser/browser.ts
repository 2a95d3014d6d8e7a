import { arch, platform } from 'node:os'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as driver } from 'playwright-core'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

/** A browser of this machine that is used instead of the package's own. */
const OWN_PATH = process.env['CHROMIUM_PATH']

/** Why no test of the page can run here; `undefined` where they can. The package has a browser for Linux on x64. */
export const NO_BROWSER =
  OWN_PATH === undefined && (platform() !== 'linux' || arch() !== 'x64')
    ? 'the packaged browser needs Linux on x64: set CHROMIUM_PATH to another Chromium'
    : undefined

/** What the package sets for a small function: one process ends with its first tab, and the others weaken what is tested. */
const UNSUITABLE = ['--single-process', '--disable-web-security', '--allow-running-insecure-content']

/** Starts Chromium without a window. The package's browser is unpacked into the temporary directory once. */
export async function startBrowser(atEnd: OnCleanup): Promise<Browser> {
  chromium.setGraphicsMode = false
  const executablePath = OWN_PATH ?? (await chromium.executablePath())
  const args = OWN_PATH === undefined ? chromium.args.filter((arg) => !UNSUITABLE.includes(arg)) : []
  const browser = await driver.launch({ executablePath, args, headless: true })
  atEnd(() => browser.close())
  return browser
}
