import { parseArgs } from 'node:util'
import { profiles } from '#infra/local/simulated/faults/chaos.ts'
import { chaosRun } from '#test/support/chaos/chaos-run.ts'
import { stormInstances } from '#test/support/chaos/instances.ts'
import { reportText } from '#test/support/chaos/report.ts'

/*
 * The real system under a profile of chaos, with readers of every job and clients of tasks who hold every answer against
 * what is promised, killed every two and a half minutes; then a day's sleep, after which everything has to become fresh
 * again. Prints what they saw; fails when a promise was broken.
 *
 * npm run chaos -- [<minutes>] [--profile=<name>]
 */

const LIFE_S = 150
const READERS = 3

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { profile: { type: 'string', default: profiles[0].name } },
})
const minutes = Number(positionals[0] ?? '10')
if (!(minutes > 0) || positionals.length > 1) {
  throw new TypeError(`expected a number of minutes or nothing, got ${positionals.join(' ')}`)
}
const seconds = minutes * 60
const lives = Math.max(2, Math.round(seconds / LIFE_S))

const clears: (() => Promise<void>)[] = []
try {
  console.log(`${minutes} minutes of ${values.profile}, ${READERS} readers, killed ${lives + 1} times`)
  const report = await chaosRun({
    profile: values.profile,
    firstCall: 1,
    instances: stormInstances(seconds, lives),
    readers: READERS,
    atEnd: (clear) => clears.unshift(clear),
  })
  console.log(reportText(report))
  if (report.violations.length > 0) process.exitCode = 1
} finally {
  for (const clear of clears) await clear()
}
