import { percent } from './portfolio-units.ts'
import {
  dateWithin,
  numberIn,
  oneOf,
  orNull,
  recentDay,
  recentTime,
  sentence,
  textLike,
  type Unit,
  wholeIn,
} from './unit.ts'

const line = (most: number) =>
  textLike(new RegExp(`^[^\\p{C}]{1,${most}}$`, 'u'), `one line of 1 to ${most} characters`)
const count = wholeIn(0, 1_000_000)
/** The bounds of each series are in `macro-rules.ts`: one name has the unit of many. */
const figure = numberIn(-1e9, 1e9)
const series = textLike(/^[A-Z0-9]{3,16}$/, 'a series of FRED')
/** A year and the age of the oldest observation that is not stale. */
const observationDay = dateWithin(800)

/** The units of what the jobs of the macro system publish, by the names of the members. */
export const MACRO_UNITS: Readonly<Record<string, Unit>> = {
  // indicators
  series_id: textLike(/^[A-Z0-9]{3,16}(?:_PC1)?$/, 'a series of FRED, or its change from a year before'),
  fred_series_id: series,
  group: oneOf('MONETARY', 'ECONOMIC', 'SENTIMENT'),
  name: line(80),
  unit: line(40),
  change_unit: oneOf('percent', 'pp'),
  value: orNull(figure),
  change_1m: orNull(figure),
  change_3m: orNull(figure),
  change_1y: orNull(figure),
  reference_date_1m: orNull(observationDay),
  reference_date_3m: orNull(observationDay),
  reference_date_1y: orNull(observationDay),
  seen_on: orNull(dateWithin(30)),
  stance: orNull(
    oneOf('Accommodative', 'Slightly Accommodative', 'Neutral', 'Slightly Restrictive', 'Restrictive'),
  ),
  // geopolitical events
  title: line(200),
  description: orNull(line(500)),
  event_date: recentTime,
  created_at: recentTime,
  category: oneOf(
    ...['WAR', 'TERRORISM', 'ENERGY_CRISIS', 'TRADE_DISPUTE'],
    ...['POLITICAL_UNREST', 'DIPLOMATIC_CRISIS', 'OTHER'],
  ),
  severity: oneOf('LOW', 'MEDIUM', 'HIGH', 'CRITICAL'),
  severity_score: wholeIn(1, 10),
  market_impact_score: numberIn(0, 100),
  affected_regions: oneOf('Global', 'US', 'China', 'Europe', 'Middle East', 'Asia'),
  affected_industries: oneOf('Energy', 'Finance', 'Technology', 'Defense', 'Agriculture'),
  matched_words: sentence,
  sources_count: wholeIn(1, 10_000),
  news_source: orNull(line(100)),
  news_url: orNull(textLike(/^https?:\/\/[^\s\p{C}@]+$/u, 'an address of http or https without user info')),
  // the macro risk
  score: percent,
  level: orNull(oneOf('LOW', 'MEDIUM', 'HIGH', 'EXTREME', 'CRITICAL', 'WARNING')),
  phase: orNull(oneOf('Peak', 'Expansion', 'Contraction', 'Recovery', 'Transition')),
  monetary_policy: percent,
  geopolitical: percent,
  sector_bubble: percent,
  economic_cycle: percent,
  market_sentiment: percent,
  ai_analysis: oneOf(null),
  impact_score: numberIn(60, 100),
  key_concerns: line(100),
  recommendations: line(200),
  // the state of their feed
  provider: oneOf('gdelt', 'news-api'),
  truncated: oneOf(true, false),
  covered_from: recentTime,
  coverage_days: wholeIn(0, 30),
  events: count,
  highImpact: count,
  levelSum: count,
  impactSum: numberIn(0, 1e6),
  notice: sentence,
  // summaries
  kind: oneOf('macro', 'position', 'technical', 'fundamental'),
  text: line(2_000),
  generated: oneOf(true),
  model: line(100),
  facts_as_of: recentTime,
}

/** The units of names that have another meaning in one member: by `member.name`. */
export const MACRO_UNITS_OF: Readonly<Record<string, Unit>> = {
  // an indicator of a former day: the day that was requested, and none before the first stored value
  'data.as_of': dateWithin(400),
  'data.date': orNull(recentDay),
  'recent_events.date': recentTime,
  // of a risk, not of a price
  'overall_risk.trend': orNull(oneOf('INCREASING', 'STABLE', 'DECREASING')),
}
