import { trendSnapshot } from '#shared/analysis/portfolio/portfolio-assessment.ts'
import { type PositionScores, positionScores } from '#shared/analysis/portfolio/position-scores.ts'
import type { TechnicalRecord } from '#shared/analysis/portfolio/technical-record.ts'
import { roundTo } from '#shared/analysis/rounding.ts'
import { isoSeconds } from '#shared/domain/time.ts'

/** What the job `technical` stores of a symbol. */
export interface TechnicalData extends TechnicalRecord {
  readonly date: string
  /** Unit of the prices: `USD`, `GBp`. */
  readonly quote_currency: string | null
  /** Date of the newest suspected split. */
  readonly split_date: string | null
  /** Date of the newest adjustment of all bars by one ratio. */
  readonly rescaled_on: string | null
  readonly degraded_reasons: readonly string[]
}

/** What the job `fundamental` stores of a symbol: the members that scores need. */
export interface FundamentalData {
  /** `null` for a fund, and where the provider has none. */
  readonly fundamental: {
    readonly sector: string | null
    readonly industry: string | null
    readonly beta: number | null
    readonly overall_score: number | null
  } | null
  readonly degraded_reasons: readonly string[]
}

/** A stored record of another job, and the source time of it in milliseconds since the epoch. */
export interface Input<T> {
  readonly data: T
  readonly asOf: number
}

/** The inputs of the scores of a symbol; at least one of them. */
export interface ScoreInputs {
  readonly technical: Input<TechnicalData> | undefined
  readonly fundamental: Input<FundamentalData> | undefined
}

/** What the job `position-scores` stores of a symbol: its scores, what an assessment needs beside them, and the inputs. */
export interface ScoredSymbol extends PositionScores {
  readonly symbol: string
  /** Of the newest session; `null` without bars. */
  readonly date: string | null
  /** In the quoted unit. */
  readonly close: number | null
  readonly quote_currency: string | null
  /** When the number of shares may have changed last: a suspected split, or bars adjusted by one ratio. */
  readonly split_date: string | null
  readonly trend_snapshot: ReturnType<typeof trendSnapshot> | null
  readonly sector: string | null
  readonly industry: string | null
  readonly beta: number | null
  /** The records from which this one was computed; `null` for one that could not be read. */
  readonly inputs: Readonly<Record<'technical' | 'fundamental', { readonly as_of: string } | null>>
  /** Those of the inputs, and `technical_missing` or `fundamental_missing` for an input that could not be read. */
  readonly degraded_reasons: readonly string[]
}

/** Decimals of prices and fractions, as of the technical indicators. */
const DECIMALS = 8

/** Scores a symbol from what is stored of it. */
export function scoredSymbol(symbol: string, { technical, fundamental }: ScoreInputs): ScoredSymbol {
  const record = technical?.data ?? null
  const company = fundamental?.data.fundamental ?? null
  const degradedReasons = [
    ...(technical?.data.degraded_reasons ?? ['technical_missing']),
    ...(fundamental?.data.degraded_reasons ?? ['fundamental_missing']),
  ]
  const scores = positionScores({
    technical: record,
    fundamental: company?.overall_score ?? null,
    hasRecentBar: !degradedReasons.includes('no_recent_bar'),
  })
  return {
    symbol,
    date: record?.date ?? null,
    close: record?.close ?? null,
    quote_currency: record?.quote_currency ?? null,
    split_date: record && laterOf(record.split_date, record.rescaled_on),
    ...scores,
    target_position: roundTo(scores.target_position, DECIMALS),
    stop_loss: roundTo(scores.stop_loss, DECIMALS),
    take_profit: roundTo(scores.take_profit, DECIMALS),
    reasons: fundamental ? scores.reasons : { ...scores.reasons, fundamental_score: 'fundamental_missing' },
    trend_snapshot: record && trendSnapshot(record),
    sector: company?.sector ?? null,
    industry: company?.industry ?? null,
    beta: company?.beta ?? null,
    inputs: { technical: inputTime(technical), fundamental: inputTime(fundamental) },
    degraded_reasons: degradedReasons,
  }
}

function laterOf(a: string | null, b: string | null): string | null {
  return (a ?? '') > (b ?? '') ? a : b
}

function inputTime(input: Input<unknown> | undefined): { readonly as_of: string } | null {
  return input === undefined ? null : { as_of: isoSeconds(input.asOf) }
}
