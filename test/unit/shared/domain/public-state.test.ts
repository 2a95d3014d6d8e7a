import { expect, test } from 'vitest'
import { publicControl } from '#shared/domain/records/control.ts'

const HOUR = 3_600_000

test('the public state has the number and the keys of the overridden items', () => {
  const published = publicControl({ revision: 3, overrides: { intervalMs: HOUR, items: ['b', 'a'] } })

  expect(published).toEqual({ revision: 3, intervalMs: HOUR, itemCount: 2, itemKeys: ['b', 'a'] })
})

test('the public state has only the number of items when their keys are too long', () => {
  const items = Array.from({ length: 1_000 }, (_, index) => `SYMBOL${index}`)

  expect(publicControl({ revision: 1, overrides: { items } })).toEqual({ revision: 1, itemCount: 1_000 })
})

test('the public state has neither the actor nor the reason of a pause', () => {
  const pause = { until: 9, reason: 'a secret reason', by: 'operator-2' }

  expect(publicControl({ revision: 2, pause })).toEqual({ revision: 2, pausedUntil: 9 })
})
