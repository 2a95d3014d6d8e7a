/** What identifies a reported event. Times are milliseconds since the epoch. */
export interface Reported {
  readonly title: string
  readonly publishedAt: number
  /** 1 to 10. */
  readonly severityScore: number
  /** Names of the articles that report it, such as hashes of their addresses; each once. */
  readonly reports: readonly string[]
}

/** Two titles with this share of common words report the same event. */
const MIN_SIMILARITY = 0.7

/** A title in lower case, without punctuation and without the name of the source after the last " - ". */
export function normalizedTitle(title: string): string {
  const separator = title.lastIndexOf(' - ')
  const withoutSource = separator > 0 ? title.slice(0, separator) : title
  return withoutSource
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Share of the words that two titles have in common: 0 to 1 (Jaccard index of their sets of words). */
export function titleSimilarity(a: string, b: string): number {
  const [words, others] = [wordsOf(a), wordsOf(b)]
  const common = [...words].filter((word) => others.has(word)).length
  const all = words.size + others.size - common
  return all === 0 ? 0 : common / all
}

/**
 * Merges reports of the same event: of two similar titles the graver one stays, of the same severity the earlier one, with
 * the reports of both. Reports that are merged again change nothing.
 *
 * @param stored - events of the last 48 hours; one of them may take the place of a new one
 * @param reported - new reports, in any order
 * @returns the events that are new or have changed
 */
export function mergeReports<E extends Reported>(stored: readonly E[], reported: readonly E[]): readonly E[] {
  const events = [...stored]
  const ordered = reported.toSorted((a, b) => a.publishedAt - b.publishedAt || (a.title < b.title ? -1 : 1))
  for (const report of ordered) {
    const index = events.findIndex(({ title }) => titleSimilarity(title, report.title) >= MIN_SIMILARITY)
    const event = events[index]
    if (event === undefined) events.push(report)
    else events[index] = merged(event, report)
  }
  const unchanged = new Set<E>(stored)
  return events.filter((event) => !unchanged.has(event))
}

function merged<E extends Reported>(event: E, report: E): E {
  const reports = [...new Set([...event.reports, ...report.reports])]
  const isGraver =
    report.severityScore > event.severityScore ||
    (report.severityScore === event.severityScore && report.publishedAt < event.publishedAt)
  if (!isGraver && reports.length === event.reports.length) return event
  return { ...(isGraver ? report : event), reports }
}

function wordsOf(title: string): ReadonlySet<string> {
  return new Set(
    normalizedTitle(title)
      .split(' ')
      .filter((word) => word !== ''),
  )
}
