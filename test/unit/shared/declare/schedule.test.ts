import { describe, expect, test } from 'vitest'
import { occurrences } from '#shared/declare/occurrences.ts'
import { cron, daily, every } from '#shared/declare/schedule.ts'
import { DeclarationError } from '#shared/declare/validation.ts'

const NEW_YORK = 'America/New_York'

describe('every', () => {
  test.for([
    ['1 minute', undefined, 'cron(* * * * ? *)'],
    ['10 minutes', '3 minutes', 'cron(3/10 * * * ? *)'],
    ['10 minutes', undefined, 'cron(0/10 * * * ? *)'],
    ['60 minutes', '5 minutes', 'cron(5 * * * ? *)'],
    ['1 hour', undefined, 'cron(0 * * * ? *)'],
    ['3 hours', '17 minutes', 'cron(17 0/3 * * ? *)'],
    ['6 hours', '90 minutes', 'cron(30 1/6 * * ? *)'],
    ['24 hours', undefined, 'cron(0 0 * * ? *)'],
    ['1 day', '750 minutes', 'cron(30 12 * * ? *)'],
  ] as const)('%s with an offset of %s is %s', ([period, offset, expression]) => {
    const schedule = every(period, offset === undefined ? {} : { offset })

    expect(schedule).toMatchObject({ expression, zone: 'UTC' })
  })

  test('a period in milliseconds, as a resolved setting is, compiles like its text', () => {
    const schedule = every(600_000, { offset: 180_000, zone: NEW_YORK })

    expect(schedule).toEqual({ expression: 'cron(3/10 * * * ? *)', zone: NEW_YORK })
  })

  test.for([
    ['7 minutes', "'6 minutes' or '10 minutes'"],
    ['90 minutes', "'1 hour' or '2 hours'"],
    ['5 hours', "'4 hours' or '6 hours'"],
    ['2.5 minutes', "'2 minutes' or '3 minutes'"],
    ['30 seconds', "'1 minute'"],
    ['2 days', "'1 day'"],
  ] as const)('a period of %s is refused, and the nearest legal ones named: %s', ([period, legal]) => {
    const declare = () => every(period)

    expect(declare).toThrow(
      new DeclarationError(
        `expected a period of whole minutes that divides the hour or the day, got '${period}'; nearest: ${legal}`,
      ),
    )
  })

  test.for(['10 minutes', '11 minutes', '90 seconds'] as const)(
    'an offset of %s is refused for a period of ten minutes',
    (offset) => {
      const declare = () => every('10 minutes', { offset })

      expect(declare).toThrow(
        new DeclarationError(
          `expected an offset of whole minutes below the period of 10 minutes, got '${offset}'`,
        ),
      )
    },
  )
})

describe('daily', () => {
  test('a wall-clock time becomes the minutes and hours of a zone', () => {
    const schedule = daily('09:05', NEW_YORK)

    expect(schedule).toEqual({ expression: 'cron(5 9 * * ? *)', zone: NEW_YORK })
  })

  test.for(['24:00', '9:00', '09:60', '0900', ''])('the time "%s" is refused', (time) => {
    const declare = () => daily(time, NEW_YORK)

    expect(declare).toThrow(new DeclarationError(`expected a time HH:MM from 00:00 to 23:59, got '${time}'`))
  })
})

describe('cron', () => {
  test.for(['0 9 ? * MON-FRI *', 'cron(0 9 ? * MON-FRI *)', ' cron( 0 9  ? * mon-fri * ) '])(
    '"%s" is stored in one form',
    (expression) => {
      const schedule = cron(expression)

      expect(schedule).toEqual({ expression: 'cron(0 9 ? * MON-FRI *)', zone: 'UTC' })
    },
  )

  test.for([
    '0,15,30-45/5 0-23/2 L * ? *',
    '*/5 8/4 15W JAN,MAR-MAY ? 2026-2030',
    '59 23 LW DEC/3 ? 2199',
    '0 0 ? * 2L 1970',
    '0 0 ? * FRI#5 2026/2',
    '0 0 ? 1-12 1,SAT *',
  ])('"%s" is legal and fires or has fired', (expression) => {
    const schedule = cron(expression)

    expect(occurrences(schedule, { after: Date.UTC(1969, 0, 1), limit: 1 })).toHaveLength(1)
  })

  test.for([
    ['60 * * * ? *', "minutes of 0-59, got '60'"],
    ['-1 * * * ? *', "minutes of 0-59, got '-1'"],
    ['? * * * ? *', "minutes of 0-59, got '?'"],
    ['0/0 * * * ? *', "minutes of 0-59, got '0/0'"],
    ['0/60 * * * ? *', "minutes of 0-59, got '0/60'"],
    ['/5 * * * ? *', "minutes of 0-59, got '/5'"],
    ['1, * * * ? *', "minutes of 0-59, got '1,'"],
    ['*,5 * * * ? *', "minutes of 0-59, got '*,5'"],
    ['0 24 * * ? *', "hours of 0-23, got '24'"],
    ['0 22-2 * * ? *', "hours of 0-23, got '22-2'"],
    ['0 0 32 * ? *', "got '32'"],
    ['0 0 0 * ? *', "got '0'"],
    ['0 0 32W * ? *', "got '32W'"],
    ['0 0 W * ? *', "got 'W'"],
    ['0 0 1,L * ? *', "got '1,L'"],
    ['0 0 1 13 ? *', "month of 1-12 or JAN-DEC, got '13'"],
    ['0 0 1 MON ? *', "month of 1-12 or JAN-DEC, got 'MON'"],
    ['0 0 ? * 0 *', "got '0'"],
    ['0 0 ? * 8 *', "got '8'"],
    ['0 0 ? * L *', "got 'L'"],
    ['0 0 ? * MON#6 *', "got 'MON#6'"],
    ['0 0 ? * MON#1,TUE#2 *', "got 'MON#1,TUE#2'"],
    ['0 0 1 1 ? 1969', "year of 1970-2199, got '1969'"],
    ['0 0 1 1 ? 2200', "year of 1970-2199, got '2200'"],
    ['0 0 1 1 ? 2026.5', "year of 1970-2199, got '2026.5'"],
  ] as const)('"%s" is refused: %s', ([expression, message]) => {
    const declare = () => cron(expression)

    expect(declare).toThrow(TypeError)
    expect(declare).toThrow(`${message} in '${expression}'`)
  })

  test.for(['0 0 * * * *', '0 0 ? * ? *', '0 0 1 * MON *'])(
    '"%s" is refused: exactly one of day-of-month and day-of-week is ?',
    (expression) => {
      const declare = () => cron(expression)

      expect(declare).toThrow('expected exactly one of day-of-month and day-of-week to be ?, got')
    },
  )

  test.for([
    ['* * * * ?', 5],
    ['0 0 0 * * ? *', 7],
    ['', 1],
  ] as const)('"%s" is refused: it has not six fields', ([expression, count]) => {
    const declare = () => cron(expression)

    expect(declare).toThrow(`got ${count} in '${expression}'`)
  })

  test('a rate is refused, because a missed tick could not be detected', () => {
    const declare = () => cron('rate(10 minutes)')

    expect(declare).toThrow(
      "got 'rate(10 minutes)': a rate has no anchor from which a missed tick could be computed",
    )
  })

  test('an at is refused, because it fires once', () => {
    const declare = () => cron('at(2026-12-31T23:59:00)')

    expect(declare).toThrow("got 'at(2026-12-31T23:59:00)': an at expression fires once")
  })

  test.for(['Mars/Olympus', '+02:00', '', 'america/new_york'])('the zone "%s" is refused', (zone) => {
    const declare = () => cron('0 9 * * ? *', zone)

    expect(declare).toThrow(/^expected an IANA time zone such as '\w+\/\w+', got '/)
  })

  test.for(['UTC', 'Etc/UTC', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires'])(
    'the zone %s is legal',
    (zone) => {
      const schedule = cron('0 9 * * ? *', zone)

      expect(schedule.zone).toBe(zone)
    },
  )
})
