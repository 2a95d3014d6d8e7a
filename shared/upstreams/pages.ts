/** A page of a list, as far as the next one follows from it. */
export interface Page {
  readonly rows: number
  /** Selects the next page; the last page has none, `null` or an empty text. */
  readonly cursor?: string | null | undefined
}

/**
 * The cursor of the page that follows the last one of these; `undefined` at the end of the list. A list ends with a page
 * without a cursor or without rows, and with a cursor that repeats; no more than `maxPages` pages are requested.
 *
 * @param pages - in order; `undefined` for a body that is no page, which ends the list
 */
export function nextCursor(pages: readonly (Page | undefined)[], maxPages: number): string | undefined {
  const last = pages.at(-1)
  const cursor = last?.cursor
  if (!last || !cursor || last.rows === 0 || pages.length >= maxPages) return undefined
  const isRepeated = pages.slice(0, -1).some((page) => page?.cursor === cursor)
  return isRepeated ? undefined : cursor
}

/**
 * Refuses a list that has more pages than were requested: rows that are not read would be taken for gone.
 *
 * @throws {TypeError} with the number of pages
 */
export function expectLastPage(pages: readonly (Page | undefined)[]): void {
  if (nextCursor(pages, Number.POSITIVE_INFINITY) === undefined) return
  throw new TypeError(`expected the end of the list within ${pages.length} pages, got the cursor of another`)
}
