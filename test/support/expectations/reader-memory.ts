import { failedFindings } from './findings.ts'

/** What an answer says of one stored value. Milliseconds since the epoch. */
export interface ReadValue {
  /** Tells values apart, whatever route they are read by. */
  readonly key: string
  /** The source's own time, where the answer says it. */
  readonly asOf?: number
  readonly fetchedAt: number
  /** An upstream confirmed it then or later; unknown for one value among several in a response. */
  readonly checkedSince?: number
  /** Until then it may be served, at least. */
  readonly servableUntil: number
}

/** What one reader has been served so far, by key: it may never be served anything older. */
export type Memory = ReadonlyMap<string, ReadValue>

/** Between when and when an upstream confirmed what is served, going by its age. Milliseconds since the epoch. */
export interface ConfirmedBetween {
  readonly from: number
  readonly to: number
}

/** A reader's memory of all that it was served, a response included. */
export function mergeMemory(all: readonly ReadValue[], memory: Memory): Memory {
  if (all.length === 0) return memory
  const next = new Map(memory)
  for (const value of all) next.set(value.key, latest(value, memory.get(value.key)))
  return next
}

function latest(value: ReadValue, before: ReadValue = value): ReadValue {
  const asOf = laterOf(value.asOf, before.asOf)
  const checkedSince = laterOf(value.checkedSince, before.checkedSince)
  return {
    key: value.key,
    ...(asOf === undefined ? {} : { asOf }),
    ...(checkedSince === undefined ? {} : { checkedSince }),
    fetchedAt: Math.max(value.fetchedAt, before.fetchedAt),
    servableUntil: Math.max(value.servableUntil, before.servableUntil),
  }
}

function laterOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}

/**
 * In what an answer goes back behind a reader's memory. A source's own time may, once what was newer may not be served
 * any more.
 *
 * @param to - the latest that an upstream can have confirmed the answer
 */
export function regressions(
  all: readonly ReadValue[],
  to: number,
  receivedAt: number,
  memory: Memory,
): string[] {
  return all.flatMap((value) => {
    const before = memory.get(value.key)
    if (!before) return []
    const back = (what: string, earliest: number, got: number) =>
      `expected ${what} of ${value.key} at ${iso(earliest)} or later, as seen before; got ${iso(got)}`
    const { asOf = Number.POSITIVE_INFINITY } = value
    const earliest = before.asOf ?? Number.NEGATIVE_INFINITY
    const checkedSince = (value.checkedSince && before.checkedSince) ?? Number.NEGATIVE_INFINITY
    return failedFindings([
      [asOf >= earliest || receivedAt >= before.servableUntil, back('the source’s time', earliest, asOf)],
      [value.fetchedAt >= before.fetchedAt, back('fetched_at', before.fetchedAt, value.fetchedAt)],
      [to >= checkedSince, back('what was confirmed', checkedSince, to)],
    ])
  })
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'no time'
}
