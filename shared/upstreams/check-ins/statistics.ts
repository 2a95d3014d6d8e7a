import * as z from 'zod/mini'
import { localDate } from '#shared/domain/time.ts'
import { privateField } from '../field.ts'
import { orNull } from '../fields.ts'
import { counter, firstOf, memberAt, rateOrNull } from './fields.ts'
import { parseCheckInTime } from './times.ts'
import { CHECK_IN_ZONE } from './vocabulary.ts'

/** The statistics of a project since its start. What the provider does not have is `null`; a 0 is one of the provider. */
export interface CheckInStatistics {
  /**
   * Where the counters stand: in `statistics`, or beside each other. The number of check-ins of the nested form is no
   * running total: it stays below the number of members.
   */
  readonly form: 'nested' | 'flat'
  readonly members: number | null
  readonly checkIns: number | null
  readonly completedMembers: number | null
  readonly todayCheckIns: number | null
  /** From 0 to 1. */
  readonly continuousRate: number | null
}

const body = z.object({ resp_data: z.record(z.string(), z.unknown()) })

const statisticsFields = z.object({
  members: counter(),
  checkIns: counter(),
  completedMembers: counter(),
  todayCheckIns: counter(),
  continuousRate: rateOrNull(),
})

/**
 * Parses the statistics of a project.
 *
 * @throws {TypeError} for a body without the number of members and of check-ins
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseStatistics(answer: unknown): CheckInStatistics {
  const { resp_data: data } = body.parse(answer)
  const statistics = statisticsFields.parse({
    members: firstOf(data, 'statistics.joined_count', 'joined_count', 'users_count'),
    checkIns: firstOf(data, 'statistics.checkined_count', 'checkined_count', 'checkins_count'),
    completedMembers: firstOf(data, 'statistics.completed_count', 'completed_count'),
    todayCheckIns: firstOf(data, 'statistics.today_checkined_count', 'today_count'),
    continuousRate: firstOf(data, 'continuous_rate', 'statistics.continuous_rate'),
  })
  if (statistics.members === null && statistics.checkIns === null)
    throw new TypeError('expected the number of members or of check-ins, got neither')
  const nested = memberAt(data, 'statistics')
  return { form: typeof nested === 'object' && nested !== null ? 'nested' : 'flat', ...statistics }
}

/** The statistics of a project on one day. */
export interface DailyStatistics {
  /** A day in Shanghai: `2025-01-15`. */
  readonly date: string
  readonly checkIns: number | null
  readonly newMembers: number | null
  readonly activeMembers: number | null
}

const dailyFields = z.object({
  date: orNull(privateField('a day or a time', dayOf)),
  checkIns: counter(),
  newMembers: counter(),
  activeMembers: counter(),
})

/**
 * Parses the statistics of one day. An answer without a date is one about the requested day.
 *
 * @param date - the requested day in Shanghai: `2025-01-15`
 * @throws {TypeError} for the statistics of another day, and for a body without any counter
 * @throws {z.core.$ZodError} for a body of another form
 */
export function parseDailyStatistics(answer: unknown, { date }: { readonly date: string }): DailyStatistics {
  const { resp_data: data } = body.parse(answer)
  const anywhere = (...names: readonly string[]) =>
    firstOf(data, ...names, ...names.map((name) => `statistics.${name}`))
  const daily = dailyFields.parse({
    date: anywhere('date'),
    checkIns: anywhere('count', 'checkined_count'),
    newMembers: anywhere('new_users'),
    activeMembers: anywhere('active_users'),
  })
  if (daily.date !== null && daily.date !== date)
    throw new TypeError(`expected the statistics of ${date}, got those of ${daily.date}`)
  const { checkIns, newMembers, activeMembers } = daily
  if ([checkIns, newMembers, activeMembers].every((value) => value === null))
    throw new TypeError('expected a counter of the day, got none')
  return { date, checkIns, newMembers, activeMembers }
}

function dayOf(value: unknown): string | undefined {
  const at = typeof value === 'string' ? parseCheckInTime(value) : undefined
  return at === undefined ? undefined : localDate(CHECK_IN_ZONE, at)
}
