import type { Parameter } from './route.ts'

/** The query of a route that serves all records of a job in pages, with the view `recordList`. */
export const RECORD_PAGE: Readonly<Record<string, Parameter>> = {
  limit: { pattern: '[1-9][0-9]?|100', about: 'records of a page, 1 to 100; 100 by default' },
  cursor: { pattern: '[^/]{1,256}', about: 'meta.next_cursor of the page before' },
}
