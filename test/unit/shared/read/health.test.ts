import { expect, test } from 'vitest'
import { every, onDemand } from '#shared/declare/schedule.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { jobHealth } from '#shared/read/health.ts'

const schedule = every('10 minutes')
const NOW = 1_000_000
const lastRun = { id: 'x', status: 'failed', endedAt: NOW - 1 } as const

test.each<[string, Partial<JobState>, number | undefined, object]>([
  ['pending before its first run', {}, undefined, { state: 'pending', overdueMs: 0 }],
  ['pending, and owed since', { missingSince: NOW - 5 }, undefined, { state: 'pending', overdueMs: 5 }],
  [
    'fresh until the very moment',
    { lastRun, freshUntil: NOW + 1 },
    undefined,
    { state: 'fresh', overdueMs: 0 },
  ],
  [
    'overdue from that moment on',
    { lastRun, freshUntil: NOW },
    undefined,
    { state: 'overdue', overdueMs: 0 },
  ],
  ['overdue for so long', { lastRun, freshUntil: NOW - 9 }, undefined, { state: 'overdue', overdueMs: 9 }],
  ['overdue where nothing is known to be fresh', { lastRun }, undefined, { state: 'overdue', overdueMs: 0 }],
  [
    'overdue since data are missed',
    { lastRun, missingSince: NOW - 7 },
    NOW,
    { state: 'overdue', overdueMs: 7 },
  ],
  ['paused, and owes nothing', { lastRun, freshUntil: 0 }, NOW + 1, { state: 'paused', overdueMs: 0 }],
])('a job is %s', (_, state, pausedUntil, expected) => {
  const health = jobHealth({ schedule }, { fence: 0, consecutiveFailures: 0, ...state }, pausedUntil, NOW)

  expect(health).toEqual(expected)
})

test('a job that is off is never overdue, paused or not', () => {
  const state = { fence: 1, consecutiveFailures: 9, lastRun, freshUntil: 0 }

  expect(jobHealth({ off: 'no key', schedule }, state, NOW + 1, NOW)).toEqual({ state: 'off', overdueMs: 0 })
})

test.each([
  ['was never asked for', {}, 'on-demand'],
  ['has failed', { lastRun, missingSince: NOW - 7 }, 'on-demand'],
  ['has data that are fresh', { lastRun, freshUntil: NOW + 1 }, 'fresh'],
  ['has old data', { lastRun, freshUntil: NOW }, 'on-demand'],
])('a job that runs on demand and %s is never overdue', (_, state, expected) => {
  const health = jobHealth(
    { schedule: onDemand() },
    { fence: 0, consecutiveFailures: 0, ...state },
    undefined,
    NOW,
  )

  expect(health).toEqual({ state: expected, overdueMs: 0 })
})
