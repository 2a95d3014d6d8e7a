import { expect, test } from 'vitest'
import { publicControl } from '#shared/domain/records/control.ts'

const HOUR = 3_600_000

test('anybody is told how many items a job is narrowed to, and which', () => {
  const told = publicControl({ revision: 3, overrides: { intervalMs: HOUR, items: ['b', 'a'] } })

  expect(told).toEqual({ revision: 3, intervalMs: HOUR, itemCount: 2, itemKeys: ['b', 'a'] })
})

test('of a list that is too long for the job’s state only its length is told', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => `SYMBOL${index}`)

  expect(publicControl({ revision: 1, overrides: { items } })).toEqual({ revision: 1, itemCount: 1_000 })
})

test('who has paused a job, and why, is for operators', () => {
  const pause = { until: 9, reason: 'a secret reason', by: 'somebody' }

  expect(publicControl({ revision: 2, pause })).toEqual({ revision: 2, pausedUntil: 9 })
})
