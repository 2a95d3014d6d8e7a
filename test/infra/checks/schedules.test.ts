import { expect, test } from 'vitest'
import { checkFreshness } from '#infra/checks/freshness.ts'
import { checkSchedules } from '#infra/checks/schedules.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { cron, daily, every, type Schedule } from '#shared/declare/schedule.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const NOW = Date.UTC(2026, 10, 20)

const jobWith = (schedule: Schedule) => resolveJob(tinyJob({ schedule }), {})
const findingsOf = (schedule: Schedule) => checkSchedules([jobWith(schedule)], NOW)

test('a wall-clock time inside a spring gap is refused, with the days of three years (F68)', () => {
  const findings = findingsOf(daily('02:30', 'America/New_York'))

  expect(findings).toEqual([
    {
      check: 'dst',
      subject: 'tiny',
      severity: 'error',
      message:
        'expected times that every day has once, got 2027-03-14 02:30, 2028-03-12 02:30, 2029-03-11 02:30 ' +
        'in America/New_York, which do not exist there; choose another hour, or UTC',
    },
  ])
})

test('a wall-clock time inside an autumn overlap is refused (F68)', () => {
  const [finding] = findingsOf(daily('01:30', 'America/New_York'))

  expect(finding?.check).toBe('dst')
  expect(finding?.message).toContain('2027-11-07 01:30')
  expect(finding?.message).toContain('come twice there')
})

test.each([
  ['the same hour in UTC', daily('02:30', 'UTC')],
  ['an hour away from the change', daily('09:00', 'America/New_York')],
  ['every ten minutes', every('10 minutes', { zone: 'America/New_York' })],
])('%s is legal', (_, schedule) => {
  expect(findingsOf(schedule)).toEqual([])
})

test('a schedule that never fires is refused, and not blamed for freshness too', () => {
  const job = jobWith(cron('0 9 31 2 ? *'))

  const findings = checkSchedules([job], NOW)

  expect(findings).toEqual([expect.objectContaining({ check: 'schedule', severity: 'error' })])
  expect(findings[0]?.message).toContain('which never does')
  expect(checkFreshness([job])).toEqual([])
})

test('a schedule that stops is refused', () => {
  const [finding] = findingsOf(cron('0 9 * * ? 2026'))

  expect(finding?.message).toContain('which stops within a year')
})
