import { expect, it } from 'vitest'
import { callUrl } from '#shared/engine/fetch/attempt.ts'
import { checkInCalls } from '#shared/upstreams/check-ins/calls.ts'

const calls = checkInCalls('15555000000001')
const BASE = new URL('https://provider.test')

it.each([
  [calls.list('ongoing'), '/checkins?scope=ongoing&count=100'],
  [calls.detail('12'), '/checkins/12'],
  [calls.statistics('12'), '/checkins/12/statistics'],
  [
    calls.dailyStatistics('12', '2025-01-15'),
    '/checkins/12/statistics/daily?date=2025-01-15T00%3A00%3A00.000%2B0800',
  ],
  [calls.rankings('12', 'continuous'), '/checkins/12/ranking_list?type=continuous&index=0'],
  [calls.topics('12'), '/checkins/12/topics?count=20'],
])('a call of the check-in provider, %j, has the address %s, its time encoded once', (call, address) => {
  expect(callUrl(BASE, call).href).toBe(`https://provider.test/v2/groups/15555000000001${address}`)
})
