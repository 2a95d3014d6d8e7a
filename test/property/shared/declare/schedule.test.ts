import fc from 'fast-check'
import { expect, test } from 'vitest'
import { occurrences, previousOccurrence } from '#shared/declare/occurrences.ts'
import { cron, daily, every, previousOnGrid, type Schedule } from '#shared/declare/schedule.ts'
import { runs } from '#test/support/runs.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE

/** What a wall clock and calendar show at one minute. */
interface Wall {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/** A field's text together with its meaning, stated apart from any parser. */
interface Meaning<T> {
  readonly text: string
  readonly holds: (value: T) => boolean
}

/** A schedule together with the rule that says at which wall-clock minutes it should fire. */
interface Ruled {
  readonly schedule: Schedule
  readonly rule: (wall: Wall) => boolean
}

/** Four days of minutes around a change of clocks, each seen once: a repeated wall-clock minute is left out. */
interface Stretch {
  readonly zone: string
  readonly start: number
  readonly end: number
  readonly minutes: readonly { at: number; wall: Wall }[]
}

const STRETCHES: readonly Stretch[] = [
  stretch('America/New_York', '2027-03-12'),
  stretch('America/New_York', '2026-10-30'),
  stretch('Europe/Berlin', '2027-03-26'),
  stretch('Europe/Berlin', '2026-10-23'),
  stretch('Australia/Lord_Howe', '2026-10-02'),
  stretch('Australia/Lord_Howe', '2027-04-02'),
]

function stretch(zone: string, day: string): Stretch {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  })
  const start = Date.parse(`${day}T00:00:00Z`)
  const end = start + 4 * DAY
  const wallTimes = new Set<string>()
  const minutes: { at: number; wall: Wall }[] = []
  for (let at = start - DAY; at <= end; at += MINUTE) {
    const shown = format.format(at)
    const again = wallTimes.has(shown)
    wallTimes.add(shown)
    if (again || at <= start) continue
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const wall = {
      year: Number(parts['year']),
      month: Number(parts['month']),
      day: Number(parts['day']),
      weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts['weekday'] ?? '') + 1,
      hour: Number(parts['hour']),
      minute: Number(parts['minute']),
    }
    minutes.push({ at, wall })
  }
  return { zone, start, end, minutes }
}

function oracle(where: Stretch, rule: (wall: Wall) => boolean): number[] {
  return where.minutes.filter(({ wall }) => rule(wall)).map(({ at }) => at)
}

function lastDay(wall: Wall): number {
  return new Date(Date.UTC(wall.year, wall.month, 0)).getUTCDate()
}

function numbers(min: number, max: number): fc.Arbitrary<Meaning<number>> {
  const value = fc.integer({ min, max })
  return fc.oneof(
    fc.constant({ text: '*', holds: () => true }),
    fc
      .uniqueArray(value, { minLength: 1, maxLength: 5 })
      .map((list) => ({ text: list.join(','), holds: (n: number) => list.includes(n) })),
    fc.tuple(value, value).map(([one, other]) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      return { text: `${low}-${high}`, holds: (n: number) => n >= low && n <= high }
    }),
    fc.tuple(value, fc.integer({ min: 1, max: Math.max(1, max - 1) })).map(([first, step]) => ({
      text: `${first}/${step}`,
      holds: (n: number) => n >= first && (n - first) % step === 0,
    })),
  )
}

/** Both day fields, one of them `?`. */
const days: fc.Arbitrary<{ dom: string; dow: string; holds: (wall: Wall) => boolean }> = fc.oneof(
  fc.constant({ dom: '*', dow: '?', holds: () => true }),
  fc.constant({ dom: 'L', dow: '?', holds: (wall: Wall) => wall.day === lastDay(wall) }),
  numbers(1, 31).map(({ text, holds }) => ({ dom: text, dow: '?', holds: (wall: Wall) => holds(wall.day) })),
  numbers(1, 7).map(({ text, holds }) => ({
    dom: '?',
    dow: text,
    holds: (wall: Wall) => holds(wall.weekday),
  })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([weekday, nth]) => ({
    dom: '?',
    dow: `${weekday}#${nth}`,
    holds: (wall: Wall) => wall.weekday === weekday && Math.ceil(wall.day / 7) === nth,
  })),
  fc.constantFrom('SUN', 'MON', 'FRI').map((name) => ({
    dom: '?',
    dow: `${name}L`,
    holds: (wall: Wall) => wall.weekday === { SUN: 1, MON: 2, FRI: 6 }[name] && wall.day + 7 > lastDay(wall),
  })),
)

/** Mostly open months and years, as a stretch is four days long. */
const calendar: fc.Arbitrary<{ month: string; year: string; holds: (wall: Wall) => boolean }> = fc.oneof(
  fc.constant({ month: '*', year: '*', holds: () => true }),
  fc.constant({ month: 'MAR-APR,OCT', year: '*', holds: (wall: Wall) => [3, 4, 10].includes(wall.month) }),
  fc.constant({ month: '*', year: '*/3', holds: (wall: Wall) => (wall.year - 1970) % 3 === 0 }),
  fc.constant({ month: '*', year: '2020-2026', holds: (wall: Wall) => wall.year <= 2026 }),
)

function anyCron(zone: string): fc.Arbitrary<Ruled> {
  return fc
    .record({ minute: numbers(0, 59), hour: numbers(0, 23), day: days, rest: calendar })
    .map(({ minute, hour, day, rest }) => ({
      schedule: cron(`${minute.text} ${hour.text} ${day.dom} ${rest.month} ${day.dow} ${rest.year}`, zone),
      rule: (wall) =>
        minute.holds(wall.minute) && hour.holds(wall.hour) && day.holds(wall) && rest.holds(wall),
    }))
}

function anyEvery(zone: string): fc.Arbitrary<Ruled> {
  const periods = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440]
  return fc.tuple(fc.constantFrom(...periods), fc.nat()).map(([period, seed]) => {
    const offset = seed % period
    const alignment = offset === 0 ? { zone } : { zone, offset: offset * MINUTE }
    return {
      schedule: every(period * MINUTE, alignment),
      rule: ({ hour, minute }) => (hour * 60 + minute) % period === offset,
    }
  })
}

function anyDaily(zone: string): fc.Arbitrary<Ruled> {
  const early = fc.record({ hour: fc.integer({ min: 0, max: 4 }), minute: fc.nat(59) })
  const any = fc.record({ hour: fc.nat(23), minute: fc.nat(59) })
  return fc.oneof(early, any).map(({ hour, minute }) => ({
    schedule: daily(`${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`, zone),
    rule: (wall) => wall.hour === hour && wall.minute === minute,
  }))
}

const cases = fc
  .constantFrom(...STRETCHES)
  .chain((where) =>
    fc
      .oneof(anyCron(where.zone), anyEvery(where.zone), anyDaily(where.zone))
      .map((ruled) => ({ where, ...ruled })),
  )

test('occurrences are the minutes at which the wall clock shows a matching time for the first time', () => {
  fc.assert(
    fc.property(cases, ({ where, schedule, rule }) => {
      const expected = oracle(where, rule)

      const ticks = occurrences(schedule, { after: where.start, until: where.end })

      expect(ticks, JSON.stringify(schedule)).toEqual(expected)
    }),
    { numRuns: runs(200, 40) },
  )
}, 30_000)

test('the previous occurrence is the last matching minute at or before a time', () => {
  fc.assert(
    fc.property(cases, fc.nat(4 * DAY), ({ where, schedule, rule }, into) => {
      const at = where.start + into
      const expected = oracle(where, rule).findLast((run) => run <= at)
      fc.pre(expected !== undefined)

      const previous = previousOccurrence(schedule, at)

      expect(previous, JSON.stringify(schedule)).toBe(expected)
    }),
    { numRuns: runs(300, 100) },
  )
})

test('a limit gives the head of the occurrences that an end gives', () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 30 }), ({ where, schedule, rule }, limit) => {
      const expected = oracle(where, rule).slice(0, limit)

      const ticks = occurrences(schedule, { after: where.start, until: where.end, limit })

      expect(ticks).toEqual(expected)
    }),
  )
})

test('the grid of a schedule of equal gaps gives the ticks that its cron expression gives', () => {
  const periods = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440]
  const aligned = fc
    .constantFrom(...periods)
    .chain((period) => fc.tuple(fc.constant(period), fc.nat(period - 1)))
    .map(([period, offset]) => every(period * MINUTE, offset === 0 ? {} : { offset: offset * MINUTE }))
  const atTime = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map(([hour, minute]) => daily(`${twoDigits(hour)}:${twoDigits(minute)}`, 'UTC'))
  const years = fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2100, 0, 1) })

  fc.assert(
    fc.property(fc.oneof(aligned, atTime), years, ({ grid, ...schedule }, at) => {
      const expected = previousOccurrence(schedule, at)

      expect(grid && previousOnGrid(grid, at), JSON.stringify(schedule)).toBe(expected)
    }),
    { numRuns: 300 },
  )
})

test('a schedule in a zone whose clocks may change has no grid', () => {
  expect(every('10 minutes', { zone: 'America/New_York' })).not.toHaveProperty('grid')
  expect(daily('09:00', 'Asia/Shanghai')).not.toHaveProperty('grid')
  expect(cron('0 9 * * ? *')).not.toHaveProperty('grid')
})

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
