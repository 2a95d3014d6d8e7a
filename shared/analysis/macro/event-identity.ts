import { hashOf } from '#shared/domain/codec.ts'
import { isoText } from '#shared/domain/time.ts'

/** What identifies a reported event. Times are milliseconds since the epoch. */
export interface Reported {
  /** Time of the row under which the event is stored; `null` for one that is not stored. A graver title does not change it. */
  readonly rowAt: number | null
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

/** Id of an event: the first 16 hexadecimal digits of SHA-256 of its normalized title, `|` and its day in UTC. */
export function eventId({ title, publishedAt }: Pick<Reported, 'title' | 'publishedAt'>): string {
  const digest = hashOf(`${normalizedTitle(title)}|${isoText(publishedAt).slice(0, 10)}`)
  return Buffer.from(digest, 'base64url').toString('hex').slice(0, 16)
}

/** The distinct words of a normalized title. */
export function titleWords(title: string): ReadonlySet<string> {
  return new Set(
    normalizedTitle(title)
      .split(' ')
      .filter((word) => word !== ''),
  )
}

/** Share of the words that two titles have in common: 0 to 1 (Jaccard index of the sets), and 0 without any word. */
export function titleSimilarity(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let common = 0
  for (const word of words) if (others.has(word)) common += 1
  const all = words.size + others.size - common
  return all === 0 ? 0 : common / all
}

/**
 * Merges reports of the same event: of two similar titles the graver one stays, of the same severity the earlier one, with
 * the reports of both. A report that arrives again belongs to its event whatever the title of that is now, and changes
 * nothing.
 *
 * @param stored - events of the last 48 hours; one of them may take the place of a new one
 * @param reported - new reports, in any order
 * @returns the events that are new or have changed
 */
export function mergeReports<E extends Reported>(stored: readonly E[], reported: readonly E[]): readonly E[] {
  const events = [...stored]
  // each title is split into words once: hundreds of reports are compared with thousands of events
  const words = stored.map(({ title }) => titleWords(title))
  const eventOf = new Map(
    stored.flatMap(({ reports }, index) => reports.map((name) => [name, index] as const)),
  )
  const ordered = reported.toSorted((a, b) => a.publishedAt - b.publishedAt || (a.title < b.title ? -1 : 1))
  for (const report of ordered) {
    const own = titleWords(report.title)
    const repeated = report.reports.map((name) => eventOf.get(name)).find((index) => index !== undefined)
    const similar = repeated ?? words.findIndex((each) => titleSimilarity(each, own) >= MIN_SIMILARITY)
    const event = events[similar]
    const index = event === undefined ? events.length : similar
    const next = event === undefined ? report : merged(event, report)
    if (next.title !== event?.title) words[index] = own
    events[index] = next
    for (const name of next.reports) eventOf.set(name, index)
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
  return { ...(isGraver ? report : event), reports, rowAt: event.rowAt }
}
