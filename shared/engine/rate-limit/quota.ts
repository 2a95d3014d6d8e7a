import type { Limits } from '#shared/declare/upstream.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { CallCount, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { offsetAt } from '#shared/domain/time.ts'

/** From this share of a day's or month's calls on, the operator is warned. */
const WARNING_SHARE = 0.7

/** Calls that may still be made, and when the count begins anew. */
export interface Allowance {
  readonly remaining: number
  readonly limit: number
  readonly span: 'day' | 'month'
  readonly resetsAt: number
}

/** What the provider's day and month leave, the scarcer one; `undefined` when it limits neither. */
export function allowance(
  state: UpstreamState,
  limits: Limits,
  forOperator: boolean,
  now: number,
): Allowance | undefined {
  const share = forOperator ? 1 : limits.scheduledShare
  const spans = spansOf(limits, now).map(({ limit, name, span, resetsAt }) => {
    const remaining = Math.max(0, Math.floor(limit * share) - usedIn(state[span], name))
    return { remaining, limit, span, resetsAt }
  })
  return spans.sort((a, b) => a.remaining - b.remaining || b.resetsAt - a.resetsAt)[0]
}

/** The counts after `calls` more; negative gives calls back that were not made. */
export function countCalls(
  state: UpstreamState,
  limits: Limits,
  calls: number,
  now: number,
): Pick<UpstreamState, 'day' | 'month'> {
  return Object.fromEntries(
    spansOf(limits, now).map(({ span, name }) => [
      span,
      { period: name, calls: Math.max(0, usedIn(state[span], name) + calls) },
    ]),
  )
}

/** The span whose warning level lies between two states, if there is one. */
export function crossedWarning(
  before: UpstreamState,
  after: UpstreamState,
  limits: Limits,
  now: number,
): 'day' | 'month' | undefined {
  return spansOf(limits, now).find(({ span, name, limit }) => {
    const level = limit * WARNING_SHARE
    return usedIn(before[span], name) < level && usedIn(after[span], name) >= level
  })?.span
}

function usedIn(used: CallCount | undefined, name: string): number {
  return used?.period === name ? used.calls : 0
}

/** The provider's running day and month, as far as it limits them. */
function spansOf({ zone, perDay, perMonth }: Limits, now: number) {
  const local = new Date(now + offsetAt(zone, now))
  const day = local.toISOString().slice(0, 10)
  const midnight = Math.floor(local.getTime() / DAY_MS + 1) * DAY_MS
  const newMonth = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1)
  return [
    { span: 'day', name: day, limit: perDay, resetsAt: instant(zone, midnight) },
    { span: 'month', name: day.slice(0, 7), limit: perMonth, resetsAt: instant(zone, newMonth) },
  ].filter((span): span is typeof span & { span: 'day' | 'month'; limit: number } => span.limit !== undefined)
}

/** When a zone's wall clock shows a time, given as if it were UTC. */
function instant(zone: string, local: number): number {
  return local - offsetAt(zone, local - offsetAt(zone, local))
}
