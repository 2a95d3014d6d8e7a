import { describe, expect, it } from 'vitest'
import type * as z from 'zod/mini'
import { parseJson } from '#shared/domain/json.ts'
import { address, isoInstant, longText, whole } from '#shared/upstreams/bounded-fields.ts'
import { areBeyondBounds } from '#shared/upstreams/field.ts'

const NOW = Date.UTC(2026, 10, 28, 12)
const WINDOW = { now: NOW, maxPastMs: 3_600_000, maxAheadMs: 300_000 } as const
const RANK = whole({ min: 1, max: 100 })

/** The parsed value, `beyond` for a value of the right type outside of its bounds, `other` for another type. */
function read(type: z.ZodMiniType<unknown>, value: unknown): unknown {
  const result = type.safeParse(value)
  if (result.success) return result.data
  return areBeyondBounds(result.error.issues) ? 'beyond' : 'other'
}

describe('a field whose bounds a job states', () => {
  it.each([
    ['a whole number', RANK, 7, 7],
    ['a whole number beyond its bounds', RANK, 101, 'beyond'],
    ['a whole number as text', RANK, '7', 'other'],
    ['a number with decimals', RANK, 7.5, 'other'],
    ['a number of more digits than a double has', RANK, parseJson('12345678901234567890'), 'other'],
    ['a time in UTC', isoInstant(WINDOW), '2026-11-28T11:59:00Z', NOW - 60_000],
    ['a time with an offset', isoInstant(WINDOW), '2026-11-28T13:00:00.250+01:00', NOW + 250],
    ['an old time', isoInstant(WINDOW), '2026-11-27T12:00:00Z', 'beyond'],
    ['a time without a zone', isoInstant(WINDOW), '2026-11-28T12:00:00', 'other'],
    ['a day that does not exist', isoInstant(WINDOW), '2026-13-41T12:00:00Z', 'other'],
    ['a text', longText(20), ' two\nlines ', 'two\nlines'],
    ['a text that is too long', longText(20), 'x'.repeat(21), 'beyond'],
    ['a text with a control character', longText(20), 'a\u0000b', 'other'],
    ['an empty text', longText(20), '  ', 'other'],
    ['a link', address(), 'https://bitcoin.test', 'https://bitcoin.test/'],
    ['a script in place of a link', address(), 'javascript:alert(1)', null],
  ])('reads %s', (_, type, value, expected) => {
    expect(read(type, value)).toEqual(expected)
  })
})
