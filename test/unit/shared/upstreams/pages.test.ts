import { describe, expect, it } from 'vitest'
import { expectLastPage, nextCursor, type Page } from '#shared/upstreams/pages.ts'

const page = (cursor?: string | null, rows = 3): Page => ({ rows, cursor })

describe('the page after the last one', () => {
  it('has the cursor of the last one', () => {
    expect(nextCursor([page('a'), page('b')], 5)).toBe('b')
  })

  it.each([
    ['without a cursor', [page()]],
    ['with null as its cursor', [page(null)]],
    ['with an empty cursor', [page('a'), page('')]],
    ['without rows', [page('a'), page('b', 0)]],
    ['that is none', [page('a'), undefined]],
    ['whose cursor repeats', [page('a'), page('b'), page('a')]],
    ['at the limit', [page('a'), page('b'), page('c'), page('d'), page('e')]],
  ])('does not exist after a page %s', (_, pages) => {
    expect(nextCursor(pages, 5)).toBeUndefined()
  })
})

describe('a list', () => {
  it('that ends is read as a whole', () => {
    expect(() => expectLastPage([page('a'), page(null)])).not.toThrow()
  })

  it('with more pages than were requested is refused', () => {
    expect(() => expectLastPage([page('a'), page('b')])).toThrow(
      'expected the end of the list within 2 pages, got the cursor of another',
    )
  })
})
