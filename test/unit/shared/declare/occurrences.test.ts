import { describe, expect, test } from 'vitest'
import {
  dstFindings,
  longestGap,
  neverFires,
  occurrences,
  perDay,
  previousOccurrence,
} from '#shared/declare/occurrences.ts'
import { cron, daily, every } from '#shared/declare/schedule.ts'

const NEW_YORK = 'America/New_York'
const HOUR = 3_600_000
const DAY = 24 * HOUR
const JULY = Date.UTC(2026, 6, 1)

function utc(times: readonly number[]): string[] {
  return times.map((time) => new Date(time).toISOString().slice(0, 16))
}

/** A UTC day's worth of runs. */
function on(day: string): { after: number; until: number } {
  const start = Date.parse(`${day}T00:00Z`)
  return { after: start - 1, until: start + DAY - 1 }
}

describe('occurrences', () => {
  test('03:30 in New York comes once on the day of the spring gap and once on that of the autumn overlap (F68)', () => {
    const schedule = cron('30 3 * * ? *', NEW_YORK)

    const spring = occurrences(schedule, on('2027-03-14'))
    const autumn = occurrences(schedule, on('2026-11-01'))

    expect(utc(spring)).toEqual(['2027-03-14T07:30'])
    expect(utc(autumn)).toEqual(['2026-11-01T08:30'])
  })

  test('a time inside the spring gap is skipped, not moved (F68)', () => {
    const schedule = daily('02:00', NEW_YORK)

    const runs = occurrences(schedule, { after: Date.UTC(2027, 2, 13), limit: 2 })

    expect(utc(runs)).toEqual(['2027-03-13T07:00', '2027-03-15T06:00'])
  })

  test('times that come twice in the autumn overlap fire at their first coming only (F68)', () => {
    const schedule = cron('0/30 1 * * ? *', NEW_YORK)

    const runs = occurrences(schedule, on('2026-11-01'))

    expect(utc(runs)).toEqual(['2026-11-01T05:00', '2026-11-01T05:30'])
  })

  test('29 February comes in leap years only (F70)', () => {
    const schedule = cron('0 12 29 2 ? *')

    const runs = occurrences(schedule, { after: JULY, limit: 2 })

    expect(utc(runs)).toEqual(['2028-02-29T12:00', '2032-02-29T12:00'])
  })

  test('a schedule walks over the end of a year (F70)', () => {
    const schedule = every('12 hours', { offset: '59 minutes' })

    const runs = occurrences(schedule, { after: Date.UTC(2026, 11, 31, 12, 59), limit: 2 })

    expect(utc(runs)).toEqual(['2027-01-01T00:59', '2027-01-01T12:59'])
  })

  test('the span is open at its start and closed at its end', () => {
    const schedule = every('1 hour')

    const runs = occurrences(schedule, { after: JULY, until: JULY + 2 * HOUR })

    expect(utc(runs)).toEqual(['2026-07-01T01:00', '2026-07-01T02:00'])
  })

  test('a millisecond before a run, that run is next', () => {
    const runs = occurrences(every('1 hour'), { after: JULY - 1, limit: 1 })

    expect(utc(runs)).toEqual(['2026-07-01T00:00'])
  })

  test('steps of years count from 1970', () => {
    const schedule = cron('0 0 1 1 ? */3')

    const runs = occurrences(schedule, { after: JULY, limit: 2 })

    expect(utc(runs)).toEqual(['2027-01-01T00:00', '2030-01-01T00:00'])
  })

  test('a list without an end is refused', () => {
    const ask = () => occurrences(every('1 hour'), { after: JULY })

    expect(ask).toThrow("expected 'until' or 'limit', got neither")
  })
})

describe('previousOccurrence', () => {
  test('a run that is due now is the previous one', () => {
    const previous = previousOccurrence(every('1 hour'), JULY)

    expect(previous).toBe(JULY)
  })

  test('the day of the gap does not count for a time inside it', () => {
    const previous = previousOccurrence(daily('02:30', NEW_YORK), Date.UTC(2027, 2, 15))

    expect(previous).toBe(Date.UTC(2027, 2, 13, 7, 30))
  })

  test('inside the overlap the first coming counts', () => {
    const previous = previousOccurrence(daily('01:30', NEW_YORK), Date.UTC(2026, 10, 1, 7))

    expect(previous).toBe(Date.UTC(2026, 10, 1, 5, 30))
  })

  test('there is none before the first year of a schedule', () => {
    const previous = previousOccurrence(cron('0 0 1 1 ? 2030'), JULY)

    expect(previous).toBeUndefined()
  })
})

describe('neverFires', () => {
  test.for([
    ['0 0 31 2 ? *', true],
    ['0 0 1 1 ? 2020', true],
    ['30 2 ? 3 SUN#2 *', true],
    ['0 0 29 2 ? 2027', true],
    ['0 0 29 2 ? 2028', false],
    ['0 0 1 1 ? 2199', false],
  ] as const)('"%s" in New York: %s', ([expression, expected]) => {
    const never = neverFires(cron(expression, NEW_YORK), JULY)

    expect(never).toBe(expected)
  })
})

describe('longestGap', () => {
  test.for([
    ['every ten minutes', every('10 minutes', { offset: '3 minutes' }), HOUR / 6],
    ['every ten minutes of a zone with an overlap', every('10 minutes', { zone: NEW_YORK }), (HOUR * 7) / 6],
    ['daily, over the autumn day of 25 hours', daily('09:00', NEW_YORK), 25 * HOUR],
    ['daily inside the spring gap, over the skipped day', daily('02:30', NEW_YORK), 47 * HOUR],
    ['an early and a late run, over the hours of day between them', cron('0 1,22 * * ? *'), 21 * HOUR],
    ['weekdays, over the weekend', cron('0 9 ? * MON-FRI *'), 3 * DAY],
    ['every minute of January, over the other months', cron('* * * 1 ? *'), 334 * DAY + 60_000],
    ['leap days', cron('0 0 29 2 ? *'), 1_461 * DAY],
    ['a schedule that stops', cron('0 0 * * ? 2026'), Number.POSITIVE_INFINITY],
    ['a schedule that never fires', cron('0 0 31 2 ? *'), Number.POSITIVE_INFINITY],
  ] as const)('%s', ([, schedule, expected]) => {
    const longest = longestGap(schedule, JULY)

    expect(longest).toBe(expected)
  })
})

describe('perDay', () => {
  test.for([
    ['every minute is 1440', every('1 minute'), 1_440],
    ['every ten minutes is 144', every('10 minutes', { zone: NEW_YORK }), 144],
    ['daily is one', daily('09:00', NEW_YORK), 1],
    ['daily near midnight of UTC is two on the day the clocks change', daily('19:30', NEW_YORK), 2],
    [
      'an evening job is fuller than its local day on the day the clocks change',
      cron('0/10 19-22 * * ? *', NEW_YORK),
      30,
    ],
    ['a schedule that never fires is none', cron('0 0 31 2 ? *'), 0],
  ] as const)('%s', ([, schedule, expected]) => {
    const most = perDay(schedule, JULY)

    expect(most).toBe(expected)
  })
})

describe('dstFindings', () => {
  test('02:00 in New York does not exist on the day of each spring gap', () => {
    const findings = dstFindings(daily('02:00', NEW_YORK), JULY)

    expect(findings).toEqual([
      { local: '2027-03-14 02:00', zone: NEW_YORK, kind: 'skipped' },
      { local: '2028-03-12 02:00', zone: NEW_YORK, kind: 'skipped' },
      { local: '2029-03-11 02:00', zone: NEW_YORK, kind: 'skipped' },
    ])
  })

  test('01:30 in New York comes twice on the day of the autumn overlap', () => {
    const findings = dstFindings(daily('01:30', NEW_YORK), JULY, 1)

    expect(findings).toEqual([{ local: '2026-11-01 01:30', zone: NEW_YORK, kind: 'doubled' }])
  })

  test('a shift of half an hour makes a gap and an overlap of half an hour', () => {
    const schedule = cron('0,15,30,45 1,2 * * ? *', 'Australia/Lord_Howe')

    const findings = dstFindings(schedule, JULY, 1)

    expect(findings.map(({ local, kind }) => `${local} ${kind}`)).toEqual([
      '2026-10-04 02:00 skipped',
      '2026-10-04 02:15 skipped',
      '2027-04-04 01:30 doubled',
      '2027-04-04 01:45 doubled',
    ])
  })

  test('the edges of a gap and of an overlap differ from their insides', () => {
    const justOutside = cron('0 3 * * ? *', NEW_YORK)
    const justBefore = cron('59 0 * * ? *', NEW_YORK)

    const findings = [...dstFindings(justOutside, JULY), ...dstFindings(justBefore, JULY)]

    expect(findings).toEqual([])
  })

  test.for([
    ['03:30 in New York', daily('03:30', NEW_YORK)],
    ['every hour', every('1 hour', { zone: NEW_YORK })],
    ['every ten minutes of every hour', cron('0/10 0-23 * * ? *', NEW_YORK)],
    ['a zone without changes', daily('02:30', 'Asia/Tokyo')],
    ['weekdays, as clocks change on Sundays', cron('30 2 ? * MON-FRI *', NEW_YORK)],
  ] as const)('%s has none', ([, schedule]) => {
    const findings = dstFindings(schedule, JULY)

    expect(findings).toEqual([])
  })
})
