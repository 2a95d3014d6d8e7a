import process from 'node:process'
import { loadDeclarations, reportUserErrors } from '#infra/command/report-user-errors.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { type Declarations, type NamedSetting, namedSettings } from '#shared/declare/system.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { Shutdown } from '../host/lifecycle.ts'
import { readOptions, USAGE } from '../options/options.ts'

/** npm forwards a signal that the terminal has already sent: a second one within this time is the same. */
const SAME_SIGNAL_MS = 300

/** The system is crash-safe: resources that are still open after this time are abandoned. */
const SHUTDOWN_TIMEOUT_MS = 1_800

const shutdown = new Shutdown()

/**
 * Runs `npm start`. A wrong option, setting or declaration is printed in one line each, and the process ends with 1
 * before anything is written.
 *
 * @param check - refuses settings under which the system cannot keep its promises, as `npm run plan` does
 */
export function runStart(check: (declarations: Declarations, settings: SettingTexts) => Promise<void>) {
  return reportUserErrors(() => startSystem(check), 'Freshet: ')
}

async function startSystem(check: Parameters<typeof runStart>[0]): Promise<void> {
  const declarations = await loadDeclarations()
  const settings = namedSettings(declarations)
  const options = readOptions(process.argv.slice(2), process.env, settings)
  if (options.help) {
    console.log([USAGE, ...settings.map(settingLine)].join('\n'))
    return
  }
  await check(declarations, options.settings)
  stopOnSignals()
  try {
    const { version } = packageJson
    const { LocalSystem } = await import('../system.ts')
    await LocalSystem.open({ options, declarations, version, print: console.log }, shutdown)
  } catch (error) {
    await shutdown.run()
    throw error
  }
}

/** The first signal shuts the system down, a second one ends the process at once. */
function stopOnSignals(): void {
  let firstAt: number | undefined
  const onSignal = () => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(130)
      return
    }
    firstAt = performance.now()
    setTimeout(() => {
      console.error('Freshet: the shutdown timed out; some resources were not closed')
      process.exit(0)
    }, SHUTDOWN_TIMEOUT_MS).unref()
    shutdown.run().then(
      () => process.exit(0),
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function settingLine({ name, setting: { fallback, rule, about } }: NamedSetting): string {
  return `  ${name}  ${about}; ${rule}${fallback === undefined ? '' : `; ${fallback}`}`
}
