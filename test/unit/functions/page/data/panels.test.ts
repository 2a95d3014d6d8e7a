import { expect, test } from 'vitest'
import { panelsOf } from '#functions/page/data/panels.ts'

const line = (name: string, ...figures: readonly (number | null)[]) => ({ name, figures })

const namesOf = (lines: Parameters<typeof panelsOf>[0]) =>
  panelsOf(lines).map((panel) => panel.map(({ name }) => name).join(' '))

test('figures of a magnitude share a panel, in the order of the data', () => {
  const lines = [
    line('close', 243.8, 241.1),
    line('rsi14', 56.1, 48.2),
    line('ma5', 235.2, null),
    line('score', 65, 66),
    line('volume', 48_569_849, 47_000_000),
  ]

  expect(namesOf(lines)).toEqual(['close rsi14 ma5 score', 'volume'])
})

test('a figure further away than a factor of five has a panel of its own', () => {
  expect(namesOf([line('a', 1), line('b', -5)])).toEqual(['a b'])
  expect(namesOf([line('a', 1), line('b', -5.1)])).toEqual(['a', 'b'])
})

test('a line that is always zero does not flatten another one', () => {
  expect(namesOf([line('zero', 0, 0), line('rate', 0.0001, null), line('none', 0, null)])).toEqual([
    'zero none',
    'rate',
  ])
})

test('a panel has four lines at most, and there are three panels at most', () => {
  const alike = ['a', 'b', 'c', 'd', 'e'].map((name) => line(name, 1))
  const apart = [1, 10, 100, 1_000].map((figure) => line(`f${figure}`, figure))

  expect(namesOf(alike)).toEqual(['a b c d', 'e'])
  expect(namesOf(apart)).toEqual(['f1', 'f10', 'f100'])
})

test('without a line there is no panel', () => {
  expect(panelsOf([])).toEqual([])
})
