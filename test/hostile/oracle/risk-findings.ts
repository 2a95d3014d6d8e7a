import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { ATTACK_SETTINGS, startOf } from '../attack-settings.ts'
import type { Json } from '../json.ts'
import type { Content, StoredMember } from '../read-back.ts'
import { expectThat, isMembers, type Members } from '../rules/agreement-rule.ts'
import { expectScore, includes, numberIn } from '../rules/score-rule.ts'
import { type Finding, shownValue } from './finding.ts'
import { type ExpectedRisk, expectedRisk, type RiskFigures } from './risk-score.ts'

/** The series of each figure of the risk. */
const SERIES = {
  rate: 'DFF',
  curve: 'T10Y2Y',
  inflation: 'CPIAUCSL_PC1',
  growth: 'A191RL1Q225SBEA',
  unemployment: 'UNRATE',
  production: 'INDPRO_PC1',
  volatility: 'VIXCLS',
}

/** Inputs of operators are used for this time. */
const INPUTS_VALID_MS = 45 * DAY_MS

/** What is stored of the inputs when a risk was computed. */
interface RiskInputs {
  readonly indicators: ReadonlyMap<string, StoredMember>
  readonly feed: StoredMember | undefined
  readonly operatorInputs: Members
  /** When the risk was computed; milliseconds since the epoch. */
  readonly computedAt: number
}

/**
 * A macro risk that differs from what its stored inputs give: scores, level, alerts, coverage, confidence, trend and named
 * sources. One that was computed before its inputs changed is not judged.
 */
export function riskFindings(content: Content): readonly Finding[] {
  return [...content.members.values()].flatMap((member): readonly Finding[] => {
    const { key, data, checkedAt } = member
    if (!isMembers(data) || !isMembers(data['risk_breakdown'])) return []
    const indicators = content.inputs.get('macro-indicators') ?? new Map<string, StoredMember>()
    const feed = content.inputs.get('geo-events')?.get('feed')
    if ([...indicators.values(), ...(feed ? [feed] : [])].some((input) => input.checkedAt > checkedAt))
      return []
    const inputs = { indicators, feed, operatorInputs: operatorInputsAt(checkedAt), computedAt: checkedAt }
    const problems = [
      ...scoreProblems(data, expectedRisk(figuresOf(inputs))),
      ...levelProblems(data),
      ...sourceProblems(data, inputs),
      ['as_of', problemOf(member.asOf, earliestOf(inputs))],
      ['degraded', problemOf(member.degraded, Number(numberIn(data['meta'], 'coverage')) < 1)],
      ['trend', problemOf(trendOf(data), expectedTrend(content))],
    ] as const
    return problems.flatMap(([subject, expected]) =>
      expected === undefined
        ? []
        : [{ check: 'agreement', subject, place: `stored ${key}`, expected, got: shownValue(data) }],
    )
  })
}

type Problem = readonly [subject: string, expected: string | undefined]

function problemOf(value: Json | undefined, expected: Json): string | undefined {
  return expectThat(shownValue(value ?? null) === shownValue(expected), shownValue(expected))
}

function operatorInputsAt(at: number): Members {
  const inputs = ATTACK_SETTINGS['macro-risk']?.operatorData?.['macro-inputs'] ?? null
  return isMembers(inputs as Json) && at < startOf('macro-risk') + INPUTS_VALID_MS ? (inputs as Members) : {}
}

function figuresOf({ indicators, feed, operatorInputs, computedAt }: RiskInputs): RiskFigures {
  const record = (key: string) => {
    const data = indicators.get(key)?.data
    return isMembers(data) && !includes(data['degraded_reasons'], 'stale_observation') ? data : undefined
  }
  const figures = Object.entries(SERIES).map(([name, key]) => [name, numberIn(record(key), 'value') ?? null])
  const heat = operatorInputs['ipo_heat']
  return {
    ...(Object.fromEntries(figures) as Record<keyof typeof SERIES, number | null>),
    growthChange: numberIn(record(SERIES.growth), 'change_3m') ?? null,
    unemploymentChange: numberIn(record(SERIES.unemployment), 'change_3m') ?? null,
    nasdaqPe: numberIn(operatorInputs, 'nasdaq_pe') ?? null,
    topTenShare: numberIn(operatorInputs, 'top_ten_share') ?? null,
    ipoHeat: typeof heat === 'string' ? heat : null,
    putCall: numberIn(operatorInputs, 'put_call_ratio') ?? null,
    events: eventSums(feed, computedAt),
  }
}

function isCurrent(feed: StoredMember, at: number): boolean {
  const last = isMembers(feed.data) ? Date.parse(String(feed.data['last_success'])) : Number.NaN
  return at - last <= DAY_MS
}

function eventSums(feed: StoredMember | undefined, at: number): RiskFigures['events'] {
  if (!feed || !isMembers(feed.data) || !isCurrent(feed, at)) return null
  const { days, coverage_days: coverage } = feed.data
  if (Number(coverage) < 7 || !Array.isArray(days)) return null
  const first = new Date(at - 30 * DAY_MS).toISOString().slice(0, 10)
  const rows = days.filter(isMembers).filter(({ date }) => String(date) > first)
  const sum = (name: string) => rows.reduce((total, row) => total + Number(row[name]), 0)
  return {
    count: sum('events'),
    highImpact: sum('highImpact'),
    levelSum: sum('levelSum'),
    impactSum: sum('impactSum'),
  }
}

function scoreProblems(data: Members, expected: ExpectedRisk): readonly Problem[] {
  const breakdown = data['risk_breakdown'] as Members
  const scoreOf = (dimension: Json | undefined) => numberIn(dimension, 'score') ?? null
  const isNear = (value: Json | undefined, share: number) =>
    expectThat(typeof value === 'number' && Math.abs(value - share) < 1e-4, String(share))
  return [
    ...Object.entries(expected.scores).map(
      ([name, score]): Problem => [name, expectScore(scoreOf(breakdown[name]), score)],
    ),
    ['overall score', expectScore(scoreOf(data['overall_risk']), expected.overall)],
    ['confidence', isNear(numberIn(data['overall_risk'], 'confidence'), expected.confidence)],
    ['coverage', isNear(numberIn(data['meta'], 'coverage'), expected.coverage)],
    ['phase', problemOf((data['meta'] as Members)['phase'], expected.phase)],
  ]
}

/** By the lowest score of each level. */
const LEVELS = [
  [80, 'LOW'],
  [60, 'MEDIUM'],
  [40, 'HIGH'],
  [-1, 'EXTREME'],
] as const

/** What follows from the published scores: level, summary, alerts, concerns and recommendations. */
function levelProblems(data: Members): readonly Problem[] {
  const { overall_risk: overall, risk_breakdown: breakdown } = data
  if (!isMembers(overall) || !isMembers(breakdown)) return [['overall_risk', 'members']]
  const score = numberIn(overall, 'score')
  const level = score === undefined ? null : (LEVELS.find(([from]) => score >= from)?.[1] ?? null)
  const scores = Object.entries(breakdown).flatMap(([name, dimension]) => {
    const own = numberIn(dimension, 'score')
    return own === undefined ? [] : [[name, own] as const]
  })
  const alerts = [
    ...(score === undefined || score >= 60 ? [] : [[score < 40 ? 'CRITICAL' : 'WARNING', 'overall', score]]),
    ...scores.flatMap(([name, own]) =>
      own >= 50 ? [] : [[own < 30 ? 'CRITICAL' : 'WARNING', name, own] as const],
    ),
  ]
  const got = listOf(data['alerts']).map(({ level: severity, type, score: own }) => [severity, type, own])
  const concerns = Array.isArray(data['key_concerns']) ? data['key_concerns'] : []
  const weakest = Math.min(...scores.map(([, own]) => own))
  const summary = String(overall['summary'])
  const named = [level, score, weakest].every((part) => summary.includes(String(part)))
  return [
    ['level', problemOf(overall['level'], level)],
    ['alerts', problemOf(got as Json, alerts as Json)],
    ['key concerns', problemOf(concerns.length, scores.filter(([, own]) => own < 50).length)],
    ['recommendations', problemOf(lengthOf(data['recommendations']), level === null ? 0 : 1)],
    ['summary', expectThat(level === null || named, `${level}, ${score} and the weakest score, ${weakest}`)],
  ]
}

function listOf(value: Json | undefined): readonly Members[] {
  return Array.isArray(value) ? value.filter(isMembers) : []
}

function lengthOf(value: Json | undefined): number {
  return Array.isArray(value) ? value.length : -1
}

/** Every input is named with its own time, and with its state. */
function sourceProblems(data: Members, inputs: RiskInputs): readonly Problem[] {
  const { indicators, feed, operatorInputs, computedAt } = inputs
  const series = Object.values(SERIES).map((key) => {
    const input = indicators.get(key)
    const reasons = isMembers(input?.data) ? input.data['degraded_reasons'] : undefined
    const state = input ? (includes(reasons, 'stale_observation') ? 'stale' : 'used') : 'missing'
    return { name: key, as_of: timeText(input?.asOf), state }
  })
  const events = feed ? (isCurrent(feed, computedAt) ? 'used' : 'stale') : 'missing'
  const hasInputs = Object.keys(operatorInputs).length > 0
  const expected = [
    ...series,
    { name: 'events', as_of: timeText(feed?.asOf), state: events },
    {
      name: 'macro-inputs',
      as_of: hasInputs ? timeText(startOf('macro-risk')) : null,
      state: hasInputs ? 'used' : 'missing',
    },
  ]
  const got = isMembers(data['meta']) ? listOf(data['meta']['data_sources']) : []
  const wrong = expected.find((source, index) => JSON.stringify(source) !== JSON.stringify(got[index]))
  const notable = feed && events === 'used' && isMembers(feed.data) ? listOf(feed.data['notable']) : []
  const recent = notable.filter(
    ({ event_date: date }) => Date.parse(String(date)) >= computedAt - 30 * DAY_MS - 1_000,
  )
  const isFred = series.some(({ state }) => state === 'used')
  const notice = isMembers(data['meta']) ? data['meta']['notice'] : null
  const titles = (rows: readonly Members[]) => rows.map(({ title }) => title ?? null)
  return [
    ['data sources', wrong && shownValue(wrong)],
    ['recent events', problemOf(titles(listOf(data['recent_events'])), titles(recent))],
    [
      'notice',
      expectThat(isFred === String(notice).includes('FRED'), isFred ? 'the notice of FRED' : 'none'),
    ],
  ]
}

function timeText(at: number | undefined): string | null {
  return at === undefined ? null : `${new Date(at).toISOString().slice(0, 19)}Z`
}

/** The source time of the oldest input. */
function earliestOf({ indicators, feed, operatorInputs }: RiskInputs): number {
  const times = [
    ...Object.values(SERIES).map((key) => indicators.get(key)?.asOf),
    feed?.asOf,
    Object.keys(operatorInputs).length > 0 ? startOf('macro-risk') : undefined,
  ]
  return Math.min(...times.filter((time) => time !== undefined))
}

function trendOf(data: Members): Json {
  return isMembers(data['overall_risk']) ? (data['overall_risk']['trend'] ?? null) : null
}

/** The newest score against the one closest to 24 hours before, at most six hours off. */
function expectedTrend({ history }: Content): string | null {
  const rows = history.filter(({ kind }) => kind === 'risks').toSorted((a, b) => b.at - a.at)
  const [newest, ...former] = rows.map(({ at, data }) => ({ at, score: numberIn(data, 'overall_score') }))
  if (newest?.score === undefined) return null
  const distance = ({ at }: { readonly at: number }) => Math.abs(newest.at - DAY_MS - at)
  const [near] = former
    .filter((row) => distance(row) <= 6 * HOUR_MS)
    .toSorted((a, b) => distance(a) - distance(b))
  if (near?.score === undefined) return null
  const change = newest.score - near.score
  if (change <= -5) return 'INCREASING'
  return change >= 5 ? 'DECREASING' : 'STABLE'
}
