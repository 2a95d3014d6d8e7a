/*
 * The macro risk as the specification of the macro system states it (sections 5.5 and 5.7, and for providers sections 3.3, 3.5,
 * 4.3 and 4.4). Written apart from the job, whose mistakes must not be repeated here.
 */

/** What a dimension is computed from; `null` for what is missing, stale or has expired. */
export interface RiskFigures {
  readonly rate: number | null
  readonly curve: number | null
  readonly inflation: number | null
  readonly growth: number | null
  /** Growth of the quarter before minus the newest one, and unemployment three months before, as changes. */
  readonly growthChange: number | null
  readonly unemployment: number | null
  readonly unemploymentChange: number | null
  readonly production: number | null
  readonly volatility: number | null
  readonly nasdaqPe: number | null
  readonly topTenShare: number | null
  readonly ipoHeat: string | null
  readonly putCall: number | null
  /** Events of 30 days; `null` without a success of their feed within a day, or with less than seven days of events. */
  readonly events: EventSums | null
}

/** Sums over events. */
interface EventSums {
  readonly count: number
  readonly highImpact: number
  readonly levelSum: number
  readonly impactSum: number
}

/** A score, and the share of the weight of its parts that are present. */
interface Score {
  readonly score: number | null
  readonly present: number
}

/** Weight of each dimension in hundredths, by its name. */
const DIMENSIONS: Readonly<
  Record<string, readonly [weight: number, score: (figures: RiskFigures) => Score]>
> = {
  monetary_policy: [30, monetary],
  geopolitical: [20, geopolitical],
  sector_bubble: [20, bubble],
  economic_cycle: [20, cycle],
  market_sentiment: [10, sentiment],
}

/** What the figures give. */
export interface ExpectedRisk {
  readonly scores: Readonly<Record<string, number | null>>
  readonly overall: number | null
  readonly coverage: number
  readonly confidence: number
  readonly phase: string | null
}

/** The macro risk that follows from some figures, unrounded. */
export function expectedRisk(figures: RiskFigures): ExpectedRisk {
  const parts = Object.entries(DIMENSIONS).map(([name, [weight, scoreOf]]) => ({
    name,
    weight,
    ...scoreOf(figures),
  }))
  const overall = mean(parts.map(({ weight, score }) => [weight, score]))
  return {
    scores: Object.fromEntries(parts.map(({ name, score }) => [name, score])),
    overall: overall.score,
    coverage: overall.present,
    confidence: parts.reduce((sum, { weight, present }) => sum + (weight / 100) * present, 0),
    phase: phaseOf(figures),
  }
}

/** The weighted mean of what is present; no score with less than 60 % of the weight. */
function mean(parts: readonly (readonly [weight: number, score: number | null])[]): Score {
  const present = parts.filter(([, score]) => score !== null)
  const weight = present.reduce((sum, [part]) => sum + part, 0)
  const sum = present.reduce((total, [part, score]) => total + part * Number(score), 0)
  return { score: weight < 60 ? null : sum / weight, present: weight / 100 }
}

function monetary({ rate, curve, inflation }: RiskFigures): Score {
  return mean([
    [40, of(rate, (x) => (x < 1 ? 50 : x < 2 ? 70 : x <= 4 ? 80 : x <= 5 ? 70 : 40))],
    [30, of(curve, (x) => (x < 0 ? 20 : x < 0.5 ? 50 : x <= 1.5 ? 70 : 80))],
    [30, of(inflation, (x) => (x < 2 ? 60 : x <= 3 ? 80 : x <= 4 ? 50 : x <= 7 ? 30 : 10))],
  ])
}

function geopolitical({ events }: RiskFigures): Score {
  if (events === null) return { score: null, present: 0 }
  if (events.count === 0) return { score: 90, present: 1 }
  const { count, highImpact: high } = events
  const [level, impact] = [events.levelSum / count, events.impactSum / count]
  return mean([
    [40, high <= 1 ? 90 : high <= 3 ? 70 : high <= 5 ? 50 : 30],
    [30, level < 3 ? 80 : level <= 5 ? 60 : 30],
    [30, impact < 30 ? 80 : impact <= 50 ? 60 : 40],
  ])
}

const IPO: Readonly<Record<string, number>> = { low: 80, normal: 60, hot: 30 }

function bubble({ nasdaqPe, topTenShare, ipoHeat }: RiskFigures): Score {
  return mean([
    [50, of(nasdaqPe, (x) => (x < 20 ? 80 : x < 30 ? 60 : x < 40 ? 40 : 20))],
    [30, of(topTenShare, (x) => (x < 30 ? 80 : x < 40 ? 60 : x <= 50 ? 40 : 20))],
    [20, ipoHeat === null ? null : (IPO[ipoHeat] ?? null)],
  ])
}

function sentiment({ volatility, putCall }: RiskFigures): Score {
  return mean([
    [70, of(volatility, (x) => (x < 15 ? 85 : x < 20 ? 75 : x < 30 ? 55 : 30))],
    [30, of(putCall, (x) => (x < 0.7 ? 60 : x <= 1 ? 80 : x <= 1.3 ? 60 : 40))],
  ])
}

const PHASES: Readonly<Record<string, number>> = {
  Peak: 50,
  Expansion: 75,
  Contraction: 25,
  Recovery: 85,
  Transition: 60,
}

function phaseOf({ growth, unemployment, production }: RiskFigures): string | null {
  if (growth === null || unemployment === null || production === null) return null
  const index = 50 + 2 * production
  if (growth > 3 && unemployment < 4 && index > 55) return 'Peak'
  if (growth > 2 && index > 50) return 'Expansion'
  if (growth < 1 && index < 50) return 'Contraction'
  return growth < 2 && index >= 50 ? 'Recovery' : 'Transition'
}

/** A trend without its reference counts nothing. */
function cycle(figures: RiskFigures): Score {
  const phase = phaseOf(figures)
  if (phase === null) return { score: null, present: 0 }
  const [growth, jobs] = [rounded(figures.growthChange), rounded(figures.unemploymentChange)]
  const points = (growth > 0.5 ? 10 : growth < -0.5 ? -15 : 0) + (jobs <= -0.2 ? 10 : jobs >= 0.2 ? -15 : 0)
  return { score: Math.min(100, Math.max(0, (PHASES[phase] ?? 0) + points)), present: 1 }
}

/** Rates are published with one decimal: their difference has no others. */
function rounded(change: number | null): number {
  return Number((change ?? 0).toFixed(6))
}

function of(value: number | null, band: (value: number) => number): number | null {
  return value === null ? null : band(value)
}
