import { describe, expect, it } from 'vitest'
import { checkUnits, NO_UNITS, type UnitMemory } from '#shared/analysis/portfolio/unit-changes.ts'

/** The figures that are used after an answer on each of some days, in order. */
function usedOn(days: readonly (readonly [date: string, figure: number | null])[]) {
  let memory: UnitMemory = NO_UNITS
  return days.map(([date, figure]) => {
    const checked = checkUnits({ roe: figure }, memory, date)
    memory = checked.memory
    return checked.suspects.length > 0 ? `${checked.figures.roe} suspect` : checked.figures.roe
  })
}

describe('a figure of a company', () => {
  it('that is a hundred times the stored one keeps the old value for two days, and is believed on the third', () => {
    const used = usedOn([
      ['2026-11-23', 0.182],
      ['2026-11-24', 18.2],
      ['2026-11-25', 18.3],
      ['2026-11-26', 18.1],
      ['2026-11-27', 18.4],
    ])

    expect(used).toEqual([0.182, '0.182 suspect', '0.182 suspect', 18.1, 18.4])
  })

  it('that is a hundredth of the stored one is suspected too', () => {
    expect(
      usedOn([
        ['2026-11-23', 18.2],
        ['2026-11-24', 0.182],
      ]),
    ).toEqual([18.2, '18.2 suspect'])
  })

  it('is not believed sooner because it was fetched twice on one day', () => {
    const used = usedOn([
      ['2026-11-23', 0.182],
      ['2026-11-24', 18.2],
      ['2026-11-24', 18.2],
      ['2026-11-25', 18.2],
    ])

    expect(used.at(-1)).toBe('0.182 suspect')
  })

  it('is believed on the third day of a fetch, also when days without one lie between', () => {
    const used = usedOn([
      ['2026-11-20', 0.182],
      ['2026-11-22', 18.2],
      ['2026-11-24', 18.2],
      ['2026-11-27', 18.2],
    ])

    expect(used.at(-1)).toBe(18.2)
  })

  it.each([
    ['an ordinary value', [18.2, 0.19, 18.2, 18.2], ['0.182 suspect', 0.19, '0.19 suspect', '0.19 suspect']],
    ['no value', [18.2, null, 18.2, 18.2], ['0.182 suspect', null, '0.182 suspect', '0.182 suspect']],
    ['another size', [10, 30, 10, 30], new Array(4).fill('0.182 suspect')],
  ])('starts its three days again after %s', (_, figures, expected) => {
    const days = figures.map((figure, index) => [`2026-11-2${index + 1}`, figure] as const)

    expect(usedOn([['2026-11-20', 0.182], ...days])).toEqual([0.182, ...expected])
  })

  it.each([
    [0.182, 8],
    [0.182, 40],
    [0.182, -18.2],
    [0, 18.2],
    [18.2, 0],
  ])('after %f, %f is no change of unit', (stored, next) => {
    expect(
      usedOn([
        ['2026-11-23', stored],
        ['2026-11-24', next],
      ]),
    ).toEqual([stored, next])
  })

  it('is compared by itself: the others of the answer are used', () => {
    const { memory } = checkUnits({ roe: 0.182, pe: 20 }, NO_UNITS, '2026-11-23')

    const checked = checkUnits({ roe: 18.2, pe: 21 }, memory, '2026-11-24')

    expect(checked).toMatchObject({ figures: { roe: 0.182, pe: 21 }, suspects: ['roe'] })
    expect(checked.memory).toEqual({
      believed: { roe: 0.182, pe: 21 },
      candidates: { roe: { figure: 18.2, days: 1, date: '2026-11-24' } },
    })
  })
})
