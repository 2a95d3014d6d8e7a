import type { Limits } from '#shared/declare/upstream-spec.ts'
import type { CallCount, UpstreamState } from '#shared/domain/records/upstream-state.ts'
import { instantOf, nextMidnight, offsetAt } from '#shared/domain/time.ts'

/** Share of a day's or month's calls from which on a warning is logged. */
const WARNING_SHARE = 0.7

/** Remaining calls of a day or month, and when its count is reset. */
export interface Allowance {
  readonly remaining: number
  readonly limit: number
  readonly span: 'day' | 'month'
  readonly resetsAt: number
}

/** The scarcer allowance of the provider's day and month; `undefined` when it limits neither. */
export function allowance(
  state: UpstreamState,
  limits: Limits,
  forOperator: boolean,
  now: number,
): Allowance | undefined {
  const share = forOperator ? 1 : limits.scheduledShare
  const spans = spansOf(limits, now).map(({ limit, period, span, resetsAt }) => {
    const remaining = Math.max(0, Math.floor(limit * share) - callsIn(state[span], period))
    return { remaining, limit, span, resetsAt }
  })
  return spans.sort((a, b) => a.remaining - b.remaining || b.resetsAt - a.resetsAt)[0]
}

/** The counts after `calls` more calls; a negative number returns calls that were not made. */
export function countCalls(
  state: UpstreamState,
  limits: Limits,
  calls: number,
  now: number,
): Pick<UpstreamState, 'day' | 'month'> {
  return Object.fromEntries(
    spansOf(limits, now).map(({ span, period }) => [
      span,
      { period, calls: Math.max(0, callsIn(state[span], period) + calls) },
    ]),
  )
}

/** The span whose warning level was reached between two states. */
export function crossedWarning(
  before: UpstreamState,
  after: UpstreamState,
  limits: Limits,
  now: number,
): 'day' | 'month' | undefined {
  return spansOf(limits, now).find(({ span, period, limit }) => {
    const level = limit * WARNING_SHARE
    return callsIn(before[span], period) < level && callsIn(after[span], period) >= level
  })?.span
}

function callsIn(count: CallCount | undefined, period: string): number {
  return count?.period === period ? count.calls : 0
}

/** The provider's current day and month, those that it limits. */
function spansOf({ zone, perDay, perMonth }: Limits, now: number) {
  const local = new Date(now + offsetAt(zone, now))
  const day = local.toISOString().slice(0, 10)
  const newMonth = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1)
  return [
    { span: 'day', period: day, limit: perDay, resetsAt: nextMidnight(zone, now) },
    { span: 'month', period: day.slice(0, 7), limit: perMonth, resetsAt: instantOf(zone, newMonth) },
  ].filter((span): span is typeof span & { span: 'day' | 'month'; limit: number } => span.limit !== undefined)
}
