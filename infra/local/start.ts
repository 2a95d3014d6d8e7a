import process from 'node:process'
import { jobs } from '#functions/jobs/declared.ts'
import { type NamedSetting, namedSettings } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { createShutdown, StartError } from './host/lifecycle.ts'
import { readOptions, USAGE } from './options/options.ts'
import { openLocalSystem } from './system.ts'

/** A signal comes twice when npm passes on what the terminal has sent already. */
const SAME_SIGNAL_MS = 300

/** The system is crash-safe: what does not end in time is left. */
const SHUTDOWN_TIMEOUT_MS = 1_800

const declarations = { jobs, upstreams }
const shutdown = createShutdown()

try {
  const known = namedSettings(declarations)
  const options = readOptions(process.argv.slice(2), process.env, known)
  if (options.help) {
    console.log([USAGE, ...known.map(settingLine)].join('\n'))
  } else {
    endOnSignals()
    await openLocalSystem(
      { options, declarations, version: packageJson.version, print: console.log },
      shutdown,
    )
  }
} catch (error) {
  await shutdown.run()
  if (!(error instanceof StartError)) throw error
  for (const line of error.lines) console.error(`Freshet: ${line}`)
  process.exitCode = 1
}

/** The first signal ends everything in good order, a second one at once. */
function endOnSignals(): void {
  let since: number | undefined
  const onSignal = () => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(130)
      return
    }
    since = performance.now()
    setTimeout(() => {
      console.error('Freshet: not everything ended in time; the rest is left')
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
