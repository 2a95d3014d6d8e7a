import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Facts } from '#shared/analysis/summaries/facts.ts'
import { summaryOf } from '#shared/analysis/summaries/summary-text.ts'

const WORDS = ['score', 'level', 'trend', 'average', 'price', 'ratio', 'growth', 'strength'] as const

/** A figure, and the number of decimals with which a text has it. */
const figure = fc.record({
  value: fc.oneof(
    fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -100, max: 100 }),
    fc.integer({ min: -99_999, max: 99_999 }).map((hundredths) => hundredths / 100),
  ),
  decimals: fc.integer({ min: 0, max: 4 }),
})

type Figure = typeof figure extends fc.Arbitrary<infer T> ? T : never

/** How a text may write a number. */
const FORMS = [
  (text: string) => text,
  (text: string) => text.replace('-', '\u2212'),
  (text: string) =>
    text.replace(/^(-?)(\d+)/, (_, sign, whole) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ',')),
  (text: string) => `(${text})`,
] as const

const form = fc.constantFrom(...FORMS)

function factsOf(figures: readonly Figure[]): Facts {
  return Object.fromEntries(figures.map(({ value }, index) => [WORDS[index] ?? 'other', value]))
}

/** `-0` is written `0`. */
function written({ value, decimals }: Figure): string {
  return value.toFixed(decimals).replace(/^-(0(?:\.0+)?)$/, '$1')
}

function textOf(figures: readonly Figure[], write: (text: string) => string): string {
  return figures.map((each, index) => `The ${WORDS[index] ?? 'other'} is ${write(written(each))}.`).join(' ')
}

test('a text that is assembled from facts is kept, however it writes them', () => {
  fc.assert(
    fc.property(fc.array(figure, { minLength: 1, maxLength: 8 }), form, (figures, write) => {
      const text = textOf(figures, write)

      expect(summaryOf(text, factsOf(figures))).toEqual({ text })
    }),
    { numRuns: 500 },
  )
})

test('a share in percent is kept', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), (hundredths) => {
      const text = `The share is ${(hundredths / 100).toFixed(2)} %.`

      expect(summaryOf(text, { share: hundredths / 10_000 })).toEqual({ text })
    }),
  )
})

test('a text with one perturbed figure is rejected, and the figure is named', () => {
  const change = fc.constantFrom(-1_000, -10, -2, -1, 1, 2, 10, 1_000)
  fc.assert(
    fc.property(
      fc.array(figure, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      change,
      form,
      (figures, place, units, write) => {
        const index = place % figures.length
        const { value, decimals } = figures[index] as Figure
        const wrong = { value: value + units * 10 ** -decimals, decimals }
        const asNumber = Number(written(wrong))
        // it may be another fact, by chance
        fc.pre(figures.every((other) => Math.abs(other.value - asNumber) > 0.51 * 10 ** -decimals))
        const text = textOf(
          figures.map((each, at) => (at === index ? wrong : each)),
          write,
        )

        const { fault = '' } = summaryOf(text, factsOf(figures))

        expect(fault).toMatch(/^expected only figures of the facts, got /)
        expect(fault.replaceAll(',', '')).toContain(written(wrong).replace('-', ''))
      },
    ),
    { numRuns: 1_000 },
  )
})

test('any text is kept as it is or rejected with a reason, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const judged = summaryOf(text, { score: 72 })

      if (judged.fault === undefined) expect(judged.text).toBe(text.trim().replaceAll(/\s+/g, ' '))
      else expect(judged.fault).toMatch(/^expected .+, got /s)
    }),
    { numRuns: 1_000 },
  )
})

test('no digit of a kept text is outside of the facts', () => {
  const piece = fc.constantFrom(
    '7',
    '72',
    '.',
    ',',
    '-',
    '\u2212',
    '%',
    ' ',
    'e',
    'x',
    '100',
    '1',
    '(',
    'in ',
    '2026-',
  )
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
      const { text } = summaryOf(pieces.join(''), { score: 72 })

      const digits = text?.match(/\d+/g) ?? []
      expect(digits.filter((run) => !/^72$|^0+$/.test(run))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
