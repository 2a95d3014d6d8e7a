import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageRoute } from '#functions/page/data/page-route.ts'

test.each(['', '#', '#/', '/'])('the fragment "%s" leads to the overview', (fragment) => {
  expect(pageRoute(fragment)).toEqual({ view: 'overview' })
})

test.each(['timeline', 'api', 'upstreams', 'audit'])('%s is a view of its own', (view) => {
  expect(pageRoute(`#/${view}`)).toEqual({ view })
})

test('a dataset and a run have their names, of any characters', () => {
  const run = 'hama#2026-11-29T08:33:00Z/BTC USDT'

  expect(pageRoute('#/datasets/hama')).toEqual({ view: 'dataset', job: 'hama' })
  expect(pageRoute(`#/runs/${encodeURIComponent(run)}`)).toEqual({ view: 'run', id: run })
})

test.each([
  '#/datasets',
  '#/datasets/',
  '#/runs',
  '#/datasets/hama/more',
  '#/timeline/more',
  '#/timeline/',
  '#//datasets',
  '#/TIMELINE',
  '#/constructor',
  '#/unknown',
  '#/<script>',
])('%s leads to no view', (fragment) => {
  expect(pageRoute(fragment)).toEqual({ view: 'unknown' })
})

test.each(['#/datasets/%', '#/datasets/%E0%A4', '#/datasets/hama%ZZ'])(
  'the malformed %s is the name of no dataset, and not an error',
  (fragment) => {
    expect(pageRoute(fragment)).toEqual({ view: 'dataset', job: fragment.slice('#/datasets/'.length) })
  },
)

test('every fragment has a view', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (fragment) => {
      expect(pageRoute(`#/${fragment}`).view).toMatch(/^[a-z]+$/)
    }),
  )
})
