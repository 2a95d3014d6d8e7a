import { failedFindings } from './findings.ts'

/** What an answer says of one stored value. Milliseconds since the epoch. */
export interface ReadValue {
  /** Tells values apart, whatever route they are read by. */
  readonly key: string
  /** The source's own time, where the answer says it. */
  readonly asOf?: number
  readonly fetchedAt: number
  /** An upstream confirmed it then or later; of one value among several in an answer nobody can tell. */
  readonly checkedSince?: number
  /** Until then it may be served, at least. */
  readonly servableUntil: number
}

/** What one reader has been told so far, by key: never may it be told less. */
export type Memory = ReadonlyMap<string, ReadValue>

/** Between when and when an upstream confirmed what is served, going by its age. Milliseconds since the epoch. */
export interface ConfirmedBetween {
  readonly from: number
  readonly to: number
}

/** A reader's memory of all that it was told, an answer included. */
export function mergeMemory(all: readonly ReadValue[], memory: Memory): Memory {
  if (all.length === 0) return memory
  const next = new Map(memory)
  for (const told of all) next.set(told.key, latest(told, memory.get(told.key)))
  return next
}

function latest(told: ReadValue, before: ReadValue = told): ReadValue {
  const asOf = laterOf(told.asOf, before.asOf)
  const checkedSince = laterOf(told.checkedSince, before.checkedSince)
  return {
    key: told.key,
    ...(asOf === undefined ? {} : { asOf }),
    ...(checkedSince === undefined ? {} : { checkedSince }),
    fetchedAt: Math.max(told.fetchedAt, before.fetchedAt),
    servableUntil: Math.max(told.servableUntil, before.servableUntil),
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
  return all.flatMap((told) => {
    const before = memory.get(told.key)
    if (!before) return []
    const back = (what: string, seen: number, got: number) =>
      `expected ${what} of ${told.key} at ${iso(seen)} or later, as seen before; got ${iso(got)}`
    const { asOf = Number.POSITIVE_INFINITY } = told
    const seen = before.asOf ?? Number.NEGATIVE_INFINITY
    const checkedSince = (told.checkedSince && before.checkedSince) ?? Number.NEGATIVE_INFINITY
    return failedFindings([
      [asOf >= seen || receivedAt >= before.servableUntil, back('the source’s time', seen, asOf)],
      [told.fetchedAt >= before.fetchedAt, back('fetched_at', before.fetchedAt, told.fetchedAt)],
      [to >= checkedSince, back('what was confirmed', checkedSince, to)],
    ])
  })
}

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'no time'
}
