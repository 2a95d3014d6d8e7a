import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactNumber, parseJson, plainDecimal } from '#shared/domain/json.ts'

/** Strings that look like numbers, like quotes and like their escapes: what could be taken for something else. */
const misleading = fc
  .array(fc.constantFrom('"', '\\', ',', ':', ' ', '1234567890123456', '0.1234567890123456789', 'a', '\n'))
  .map((parts) => parts.join(''))

const long = fc.stringMatching(/^-?[1-9][0-9]{14,24}(\.[0-9]{1,12})?$/)
const short = fc.stringMatching(/^-?[1-9][0-9]{0,6}(\.[0-9]{1,6})?$/)

/** JSON as text, every number written out by hand. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    long,
    short,
    misleading.map((text) => JSON.stringify(text)),
    fc.array(tie('json'), { maxLength: 6 }).map((members) => `[${members.join(', ')}]`),
    fc
      .array(fc.tuple(misleading, tie('json')), { maxLength: 6 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
}))

/** The promise, said in the slowest way: every number is looked at. */
function exactly(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined) return value
    return plainDecimal(source) === plainDecimal(String(value)) ? value : new ExactNumber(source)
  })
}

test('no number loses a digit, whatever the strings around it contain', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(parseJson(text)).toEqual(exactly(text))
    }),
    { numRuns: 2_000 },
  )
})

test('a text that is not JSON throws like JSON.parse', () => {
  fc.assert(
    fc.property(fc.tuple(json, fc.nat()), ([text, at]) => {
      const cut = text.slice(0, at % Math.max(1, text.length))
      const attempt = (parse: (what: string) => unknown) => {
        try {
          return parse(cut)
        } catch (error) {
          return (error as Error).name
        }
      }

      expect(attempt(parseJson)).toEqual(attempt(exactly))
    }),
    { numRuns: 500 },
  )
})
