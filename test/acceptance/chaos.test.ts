import { expect, test } from 'vitest'
import { reportText } from '#test/support/chaos-report.ts'
import { chaosRun } from '#test/support/chaos-run.ts'

/** From here on answers are empty, truncated, cut off, good, HTML, too slow, hanging: most of it before the kill. */
const FIRST_CALL = 9

test('in a storm, with kill -9 in the middle, every answer is true, labelled and never older than before', async ({
  onTestFinished: atEnd,
}) => {
  const report = await chaosRun({
    profile: 'storm',
    firstCall: FIRST_CALL,
    lives: [25, 30],
    readers: 8,
    atEnd,
  })

  process.stdout.write(`${reportText(report)}\n`)
  expect(report.violations).toEqual([])
  expect(report.answers['200 STALE']).toBeGreaterThan(500)
  expect(report.outcomes).toMatchObject({
    succeeded: expect.any(Number),
    'failed (malformed)': expect.any(Number),
  })
  expect(Object.keys(report.calls)).toEqual(
    expect.arrayContaining([
      'a good answer',
      'an empty object',
      'truncated JSON',
      'connection reset in mid-body',
      'HTML under 200',
    ]),
  )
}, 120_000)
