/** Records that one request examines at most; more would outlast it. */
const MAX_SCANNED = 2_000

const PAGE_SIZE = 200

interface SearchRange {
  /** First and last time, in milliseconds since the epoch, and how many records to return. */
  readonly from: number
  readonly to: number
  readonly limit: number
}

interface Search<T extends { readonly id: string }> {
  /** Records of a range, newest first, at most `limit`. */
  readonly list: (range: SearchRange) => Promise<readonly T[]>
  readonly matches: (record: T) => boolean
  /** The time by which the table orders a record. */
  readonly timeOf: (record: T) => number
  /** Resolution of that time in the table, in milliseconds. */
  readonly stepMs: number
}

/** Matching records, newest first. With `searchedTo`, older records than that time were not examined. */
interface SearchResult<T> {
  readonly records: readonly T[]
  readonly searchedTo?: number
}

/** Filters records that the table can only list by time, page by page, 2,000 records at most. */
export async function searchByTime<T extends { readonly id: string }>(
  { from, to, limit }: SearchRange,
  { list, matches, timeOf, stepMs }: Search<T>,
): Promise<SearchResult<T>> {
  const scanned = new Map<string, T>()
  let until = to
  for (;;) {
    const page = await list({ from, to: until, limit: PAGE_SIZE })
    const sizeBefore = scanned.size
    for (const record of page) scanned.set(record.id, record)
    const records = [...scanned.values()].filter(matches).slice(0, limit)
    const oldest = page.at(-1)
    if (records.length === limit || page.length < PAGE_SIZE || oldest === undefined) return { records }
    // A page overlaps the previous one at its last time; without any new record, that time is complete.
    until = scanned.size === sizeBefore ? until - stepMs : timeOf(oldest)
    if (scanned.size >= MAX_SCANNED) return { records, searchedTo: until }
  }
}
