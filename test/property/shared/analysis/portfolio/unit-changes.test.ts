import fc from 'fast-check'
import { expect, it } from 'vitest'
import { unitSuspect } from '#shared/analysis/portfolio/fundamental-scores.ts'
import { checkUnits, NO_UNITS, type UnitMemory } from '#shared/analysis/portfolio/unit-changes.ts'

// JSON has no -0
const figure = fc.option(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
  { nil: null },
)
const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10)

function history(figures: readonly (number | null)[], memory: UnitMemory = NO_UNITS) {
  let current = memory
  return figures.map((sent, index) => {
    const before = current
    const { figures: used, suspects, memory: next } = checkUnits({ x: sent }, before, day(index))
    current = next
    return { sent, used: used.x, isSuspect: suspects.length > 0, before, after: next }
  })
}

it('a used figure is the one of the answer, or the last believed one while a change of unit is suspected', () => {
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 12 }), (figures) => {
      for (const { sent, used, isSuspect, before, after } of history(figures)) {
        const stored = before.believed['x'] ?? null
        expect(used).toBe(isSuspect ? stored : sent)
        if (isSuspect) expect(unitSuspect(stored, sent)).toBe(true)
        expect(Object.hasOwn(after.candidates, 'x')).toBe(isSuspect)
      }
    }),
  )
})

it('one figure on three days is used on the third, whatever was stored', () => {
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 6 }), figure, (figures, sent) => {
      const used = history([...figures, sent, sent, sent]).at(-1)

      expect(used).toMatchObject({ used: sent, isSuspect: false })
    }),
  )
})

it('the memory survives its form as JSON', () => {
  fc.assert(
    fc.property(fc.array(figure, { maxLength: 8 }), (figures) => {
      const { after = NO_UNITS } = history(figures).at(-1) ?? {}

      expect(history(figures, JSON.parse(JSON.stringify(after)))).toEqual(history(figures, after))
    }),
  )
})
