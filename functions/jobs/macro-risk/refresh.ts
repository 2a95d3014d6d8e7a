import { riskTrend, type Trend } from '#shared/analysis/macro/risk.ts'
import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { asJson } from '#shared/domain/json.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { ParseContext, Previous, Refresh } from '#shared/engine/model/refresh.ts'
import { type EventFeed, FEED_KEY } from '#shared/systems/macro/event-feed.ts'
import type { IndicatorRecord } from '#shared/systems/macro/indicator-record.ts'
import { validMacroInputs } from '#shared/systems/macro/macro-inputs.ts'
import { RISK_KEY } from '#shared/systems/macro/risk-key.ts'
import { type Input, RISK_SERIES, type RiskRecord, riskRecord } from '#shared/systems/macro/risk-record.ts'
import { overviewOf } from './overview.ts'

/** A computed score; `at` in milliseconds since the epoch. */
interface FormerScore {
  readonly at: number
  readonly score: number | null
}

/** The risk that a run computed. */
interface Risk {
  readonly record: RiskRecord
  readonly trend: Trend | null
  /** Source time of the oldest input. */
  readonly asOf: number
  /** The scores of the last 30 hours, this one included: the next run compares its own with them. */
  readonly scores: readonly FormerScore[]
}

export const refresh: Refresh<Risk, 'risks'> = {
  renderVersion: 1,
  historyKinds: ['risks'],

  keys: () => [RISK_KEY, FEED_KEY, ...Object.values(RISK_SERIES)],

  // the inputs of a run of one key are not read
  plan: ({ key }) =>
    key === undefined
      ? [{ key: RISK_KEY, calls: [] }]
      : { nothingToDo: 'The macro risk is computed as a whole' },

  parse: (_bodies, context) => {
    const { now, operatorData, previous, inputItems } = context
    const { inputs, changedAt } = validMacroInputs(operatorData, now)
    const record = riskRecord({
      indicators: (inputItems.get('macro-indicators') ?? new Map()) as ReadonlyMap<
        string,
        Input<IndicatorRecord>
      >,
      feed: feedOf(context),
      macroInputs: inputs,
      inputsChangedAt: changedAt,
      now,
    })
    // only the job itself writes its memory
    const former = ((previous?.memory ?? []) as unknown as readonly FormerScore[]).filter(
      ({ at }) => at > now - MAX_DISTANCE_MS,
    )
    const trend = riskTrend(record.overall_score, scoreOfDayBefore(former, now))
    const times = [...inputItems.values()].flatMap((items) => [...items.values()]).map(({ asOf }) => asOf)
    return {
      record,
      trend,
      asOf: Math.min(...times, changedAt ?? now),
      scores: [...former, { at: now, score: record.overall_score }],
    }
  },

  accept: () => ({ accepted: true }),

  item: ({ record, trend, asOf, scores }, { key, now }) => {
    const { overall_score: score, risk_level: level, scores: dimensions } = record
    return {
      data: asJson(overviewOf(record, trend)),
      asOf,
      degraded: record.coverage < 1,
      memory: asJson(scores),
      history: [
        {
          kind: 'risks',
          entity: key,
          at: now,
          data: { timestamp: isoSeconds(now), overall_score: score, risk_level: level, scores: dimensions },
        },
      ],
    }
  },

  logMessages: {
    success: ({ record }) =>
      `Macro risk calculation completed: score=${record.overall_score}, level=${record.risk_level}`,
  },
}

const TOLERANCE_MS = 6 * HOUR_MS
const MAX_DISTANCE_MS = DAY_MS + TOLERANCE_MS

/** The score that was computed closest to 24 hours before, at most six hours earlier or later; `null` without one. */
function scoreOfDayBefore(scores: readonly FormerScore[], now: number): number | null {
  const distance = ({ at }: FormerScore) => Math.abs(now - DAY_MS - at)
  const near = scores.filter((each) => distance(each) <= TOLERANCE_MS)
  return near.toSorted((a, b) => distance(a) - distance(b))[0]?.score ?? null
}

/** What is stored of the events. The job of the input has validated it. */
function feedOf({ inputItems }: Pick<ParseContext, 'inputItems'>): Input<EventFeed> | undefined {
  const feed: Previous | undefined = inputItems.get('geo-events')?.get(FEED_KEY)
  return feed as Input<EventFeed> | undefined
}
