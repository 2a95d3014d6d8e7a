import { expect, test } from 'vitest'
import { chaosRun } from '#test/support/chaos/chaos-run.ts'
import { JOBS, SHORT_RUN } from '#test/support/chaos/instances.ts'
import { reportText } from '#test/support/chaos/report.ts'

test('in a storm, with kill -9 and hours of sleep, every job answers truly, labelled and never older than before; then all is fresh', async ({
  onTestFinished: atEnd,
}) => {
  const report = await chaosRun({ profile: 'storm', firstCall: 1, instances: SHORT_RUN, readers: 3, atEnd })

  process.stdout.write(`${reportText(report)}\n`)
  expect(report.violations).toEqual([])
  const { answers, tasks, outcomes, calls } = report
  for (const job of JOBS) {
    expect(answers[`${job} 200 HIT`], `fresh answers of ${job}`).toBeGreaterThan(0)
    expect(answers[`${job} 200 STALE`], `stale answers of ${job}`).toBeGreaterThan(0)
  }
  expect(Object.keys(answers)).toEqual(
    expect.arrayContaining(['hama 503', 'hama 200 MISS', 'funding-rates 503']),
  )
  expect(Object.keys(tasks)).toEqual(expect.arrayContaining(['hama SUCCEEDED', 'funding-rates SUCCEEDED']))
  expect(Object.keys(outcomes).filter((outcome) => outcome.includes('  failed ('))).not.toEqual([])
  expect(Object.keys(calls).length).toBeGreaterThan(8)
}, 600_000)
