import { expect, test } from 'vitest'
import { unconfirmedAges } from '#test/support/chaos/output-checks.ts'

const AT = Date.UTC(2026, 10, 20, 10, 0, 0)
const LOG = [
  { outcome: 'succeeded', timestamp: '2026-11-20T10:00:00.000Z', duration_ms: 3_000 },
  { outcome: 'failed', timestamp: '2026-11-20T10:01:00.000Z', duration_ms: 10 },
  { outcome: 'unchanged', timestamp: '2026-11-20T10:02:00.000Z', duration_ms: 10 },
]
  .map((line) => JSON.stringify({ job: 'top-gainers', ...line }))
  .join('\n{"torn by a kill\n')

const since = (ms: number, job = 'top-gainers') => ({ job, from: AT + ms - 1_000, to: AT + ms })

test('an age since a run that succeeded, or may have just before a kill, is accounted for', () => {
  const confirmations = [-3_000, -1_000, 0, 1_000, 120_000, 178_500].map((ms) => since(ms))

  expect(unconfirmedAges(confirmations, LOG, [AT + 180_000])).toEqual([])
})

test('an age since a run that failed, or since none, is not', () => {
  const confirmations = [-10_000, 60_000, 100_000, 130_000].map((ms) => since(ms))

  expect(unconfirmedAges(confirmations, LOG, [])).toEqual(
    confirmations.map(({ to }) => expect.stringContaining(new Date(to).toISOString())),
  )
})

test('an age since a run of another job is not, except of analyses, which are published one by one', () => {
  expect(unconfirmedAges([since(0, 'global-market')], LOG, [])).toHaveLength(1)
  expect(unconfirmedAges([since(60_000, 'hama')], LOG, [])).toEqual([])
})
