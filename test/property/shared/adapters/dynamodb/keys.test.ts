import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  headKey,
  itemKey,
  leaseKey,
  pageKey,
  rejectedKey,
  runKey,
  runRanges,
  runsOf,
} from '#shared/adapters/dynamodb/table/keys.ts'
import { tickRunId } from '#shared/domain/ids.ts'

const job = fc.stringMatching(/^[a-z][a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}$/)
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })

/** Whole seconds from 1970 up to the last year that a schedule can name. */
const tick = fc.integer({ min: 0, max: Date.UTC(2199, 11, 31) / 1_000 }).map((seconds) => seconds * 1_000)

/** What stands behind the last `#`, decoded. */
function decoded(text: string): string {
  return decodeURIComponent(text.slice(text.lastIndexOf('#') + 1))
}

test('a key can be decoded from each table key that contains it', () => {
  fc.assert(
    fc.property(job, key, fc.nat(9_999), (id, name, page) => {
      const partitions = [itemKey(id, name), headKey(id, name), pageKey(id, name, '1', page)].map(
        ({ pk }) => pk,
      )

      expect(partitions.map(decoded)).toEqual([name, name, name])
      expect(decoded(leaseKey(id, name).sk)).toBe(name)
      expect(decodeURIComponent(rejectedKey(id, name).sk)).toBe(name)
    }),
  )
})

test('pages of a version sort in their order', () => {
  fc.assert(
    fc.property(fc.nat(9_999), fc.nat(9_999), (one, other) => {
      const place = (page: number) => pageKey('job-one', 'all', '000000000001', page).sk

      expect(place(one) < place(other)).toBe(one < other)
    }),
  )
})

test('runs of ticks sort in the order of their time, over the ends of months, years and leap days (F70)', () => {
  fc.assert(
    fc.property(job, tick, tick, (id, one, other) => {
      const place = (at: number) => runKey(id, tickRunId(id, at))

      expect([place(one).pk, place(other).pk]).toEqual([runsOf(id), runsOf(id)])
      expect(place(one).sk < place(other).sk).toBe(one < other)
    }),
  )
})

test('a range of runs holds the ticks in it and no other (F70)', () => {
  fc.assert(
    fc.property(job, tick, tick, tick, (id, one, other, at) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)]
      const { sk } = runKey(id, tickRunId(id, at))

      const [ticks] = runRanges(from, to)

      expect(ticks !== undefined && ticks.first <= sk && sk <= ticks.last).toBe(at >= from && at <= to)
    }),
  )
})
