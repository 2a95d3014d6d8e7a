import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  headKey,
  itemKey,
  leaseKey,
  pageKey,
  rejectedKey,
  runKey,
  stateKey,
} from '#shared/adapters/dynamodb/table/keys.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { freshness, freshnessTimes } from '#shared/domain/freshness.ts'
import { parseJson, plainDecimal } from '#shared/domain/json.ts'
import { retryWaitMs } from '#shared/engine/fetch/retry.ts'
import { retryAfterMs } from '#shared/upstreams/retry-after.ts'

const ms = fc.integer({ min: 1, max: 10 ** 10 })
const ORDER = ['fresh', 'stale', 'gone']

test('freshness partitions time: fresh, then stale, then gone, and never back', () => {
  fc.assert(
    fc.property(ms, ms, ms, ms, ms, ms, (checkedAt, freshForMs, staleMore, keepMore, first, second) => {
      const serveStaleForMs = freshForMs + staleMore
      const policy = { freshForMs, serveStaleForMs, keepForMs: serveStaleForMs + keepMore }
      const times = freshnessTimes(checkedAt, policy, checkedAt)
      const [earlier, later] = [Math.min(first, second), Math.max(first, second)]

      const labels = [earlier, later].map((after) => ORDER.indexOf(freshness(times, checkedAt + after)))

      expect(labels[0]).toBeLessThanOrEqual(labels[1] as number)
      expect(freshness(times, checkedAt + freshForMs - 1)).toBe('fresh')
      expect(freshness(times, checkedAt + freshForMs)).toBe('stale')
      expect(freshness(times, checkedAt + serveStaleForMs - 1)).toBe('stale')
      expect(freshness(times, checkedAt + serveStaleForMs)).toBe('gone')
      expect(freshness({ ...times, invalidatedAt: checkedAt + 1 }, checkedAt + 1)).not.toBe('fresh')
      expect(freshness({ ...times, invalidatedAt: checkedAt }, checkedAt)).toBe('fresh')
    }),
  )
})

test('a wait stays within its ceiling, and leaves room for one whole attempt before the deadline', () => {
  const policy = fc.record({
    attempts: fc.integer({ min: 1, max: 10 }),
    backoffMs: fc.integer({ min: 1, max: 60_000 }),
    attemptTimeoutMs: fc.integer({ min: 1, max: 60_000 }),
  })
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const retryAfter = fc.option(fc.integer({ min: 0, max: 10 ** 8 }), { nil: undefined })
  fc.assert(
    fc.property(
      policy,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: -1_000, max: 200_000 }),
      random,
      retryAfter,
      (rules, attempt, left, chance, statedMs) => {
        const error = new RefreshError('network', 'x', {
          retryable: true,
          ...(statedMs === undefined ? {} : { retryAfterMs: statedMs }),
        })

        const wait = retryWaitMs(error, attempt, rules, left, () => chance)

        if (attempt >= rules.attempts || left < rules.attemptTimeoutMs) expect(wait).toBeUndefined()
        if (wait === undefined) return
        expect(wait).toBeGreaterThanOrEqual(0)
        expect(wait + rules.attemptTimeoutMs).toBeLessThanOrEqual(left)
        if (statedMs === undefined)
          expect(wait).toBeLessThanOrEqual(Math.min(60_000, rules.backoffMs * 2 ** (attempt - 1)))
        else expect(wait).toBe(statedMs)
      },
    ),
  )
})

test('a failure that is not retryable has no wait', () => {
  const error = new RefreshError('malformed', 'x')

  expect(
    retryWaitMs(error, 1, { attempts: 9, backoffMs: 1, attemptTimeoutMs: 1 }, 10 ** 6, () => 0.5),
  ).toBeUndefined()
})

test('keys of the table never collide, whatever a job’s keys contain', () => {
  const job = fc.stringMatching(/^[a-z][a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}$/)
  const key = fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom('#', 'a', '/', '%', ' ', '.', 'é', 'value', 'page'),
  })
  const places = (id: string, name: string) =>
    [
      itemKey(id, name),
      headKey(id, name),
      pageKey(id, name, '1', 1),
      rejectedKey(id, name),
      leaseKey(id, name),
      stateKey(id),
      runKey(id, `${id}-${name}`),
    ].map(({ pk, sk }) => `${pk}\n${sk}`)
  fc.assert(
    fc.property(job, key, job, key, (oneJob, oneKey, otherJob, otherKey) => {
      const one = places(oneJob, oneKey)
      expect(new Set(one).size).toBe(one.length)
      if (oneJob === otherJob && oneKey === otherKey) return
      const shared = one.filter((place) => places(otherJob, otherKey).includes(place))
      expect(shared).toEqual(oneJob === otherJob ? [`public#${oneJob}\nstate`] : [])
      for (const place of one) expect(place).toMatch(new RegExp(`^(job#${oneJob}#|public#${oneJob}\n)`))
    }),
  )
})

test('a decimal read back has all its digits', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,30}$/)
  fc.assert(
    fc.property(
      digits,
      fc.stringMatching(/^[0-9]{0,20}$/),
      fc.integer({ min: -30, max: 30 }),
      fc.boolean(),
      (whole, fraction, exponent, negative) => {
        const text = `${negative ? '-' : ''}${whole}${fraction && `.${fraction}`}e${exponent}`

        const plain = plainDecimal(text) ?? ''

        expect(plain).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/)
        const [left = '', right = ''] = plain.replace('-', '').split('.')
        const scale = 60
        const value = BigInt(left + right.padEnd(scale, '0'))
        const expected = BigInt(whole + fraction) * 10n ** BigInt(scale + exponent - fraction.length)
        expect(value).toBe(expected)
        expect(plain.startsWith('-')).toBe(negative)
      },
    ),
  )
})

test('JSON is parsed like JSON.parse, except for numbers that a double cannot represent', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const exact = JSON.stringify(parseJson(text))

      expect(
        JSON.parse(exact, (_, value) =>
          typeof value === 'string' && plainDecimal(value) ? Number(value) : value,
        ),
      ).toEqual(
        JSON.parse(text, (_, value) =>
          typeof value === 'string' && plainDecimal(value) ? Number(value) : value,
        ),
      )
    }),
  )
})

test('any Retry-After header gives no wait or one of 0 to 72 hours', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.integer().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
      ),
      (header) => {
        const wait = retryAfterMs(header, Date.UTC(2026, 0, 1))

        if (wait !== undefined) expect(wait >= 0 && wait <= 72 * 3_600_000).toBe(true)
      },
    ),
  )
  expect(retryAfterMs('120', 0)).toBe(120_000)
  expect(retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 0)).toBe(60_000)
  expect(retryAfterMs('soon', 0)).toBeUndefined()
})
