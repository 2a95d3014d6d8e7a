import { describe, expect, it } from 'vitest'
import { checkInKeys, shanghaiDate } from '#shared/systems/check-ins/keys.ts'

describe('the keys of the check-in data', () => {
  it('begin with the prefix, so that two instances share none', () => {
    const keys = checkInKeys('zsxq')

    expect([
      keys.list('ongoing'),
      keys.info('12'),
      keys.stats('12'),
      keys.dailyStats('12', '2025-01-15'),
      keys.leaderboard('12', 'continuous'),
      keys.topics('12'),
    ]).toEqual([
      'zsxq:projects:list:ongoing',
      'zsxq:project:12:info',
      'zsxq:project:12:stats',
      'zsxq:project:12:daily_stats:2025-01-15',
      'zsxq:project:12:leaderboard:continuous',
      'zsxq:project:12:topics',
    ])
    expect(checkInKeys('other').list('over')).toBe('other:projects:list:over')
  })
})

describe('the date in Shanghai', () => {
  it('changes at 16:00 UTC', () => {
    expect(shanghaiDate(Date.UTC(2025, 0, 15, 15, 59, 59, 999))).toBe('2025-01-15')
    expect(shanghaiDate(Date.UTC(2025, 0, 15, 16))).toBe('2025-01-16')
  })
})
