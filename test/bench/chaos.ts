import { parseArgs } from 'node:util'
import { reportUserErrors, UsageError } from '#infra/command/report-user-errors.ts'
import { profiles } from '#infra/local/simulated/faults/chaos.ts'
import { chaosRun } from '#test/support/chaos/chaos-run.ts'
import { stormInstances } from '#test/support/chaos/instances.ts'
import { reportText } from '#test/support/chaos/report.ts'

const names = profiles.map(({ name }) => name)

const USAGE = `npm run chaos -- [<minutes>] [--profile=<name>] [--help]

Runs the local system while its simulated providers fail as a profile describes (${names.join(', ')}; by default
${names[0]}), for 10 minutes by default. Readers of every job and clients of tasks check each response, and the system is
killed every two and a half minutes. Then its clock advances by a day, after which all data have to become fresh again.
Prints the violations that it observed; exits with 1 if there are any.`

const LIFE_S = 150
const READERS = 3

await reportUserErrors(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      profile: { type: 'string', default: names[0] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const minutes = minutesOf(positionals)
  const profile = names.find((name) => name === values.profile)
  if (profile === undefined) {
    throw new UsageError(
      `--profile: expected one of ${names.join(', ')}, got ${JSON.stringify(values.profile)}`,
    )
  }
  await run(minutes, profile)
})

function minutesOf(positionals: readonly string[]): number {
  const minutes = Number(positionals[0] ?? '10')
  if (minutes > 0 && positionals.length <= 1) return minutes
  throw new UsageError(`expected a number of minutes or nothing, got ${positionals.join(' ')}`)
}

async function run(minutes: number, profile: string): Promise<void> {
  const seconds = minutes * 60
  const lives = Math.max(2, Math.round(seconds / LIFE_S))
  const cleanups: (() => Promise<void>)[] = []
  try {
    console.log(`${minutes} minutes of ${profile}, ${READERS} readers, killed ${lives + 1} times`)
    const report = await chaosRun({
      profile,
      firstCall: 1,
      instances: stormInstances(seconds, lives),
      readers: READERS,
      atEnd: (cleanup) => cleanups.unshift(cleanup),
    })
    console.log(reportText(report))
    if (report.violations.length > 0) process.exitCode = 1
  } finally {
    for (const cleanup of cleanups) await cleanup()
  }
}
