import { expectNear, expectThat, isMembers, type Members, num, type RowRule } from './agreement-rule.ts'
import { expectReasons, expectScore, includes, meanOf, numberIn } from './score-rule.ts'

/** Weights of the parts of the score of a position. */
const WEIGHTS: Readonly<Record<string, number>> = {
  technical_score: 0.4,
  fundamental_score: 0.4,
  sentiment_score: 0.2,
}

/** Parts with less weight together give no score. */
const MIN_WEIGHT = 0.6

const POSITION_SCORES = [
  ...[...Object.keys(WEIGHTS), 'overall_score', 'risk_level', 'recommendation', 'target_position'],
  ...['stop_loss', 'take_profit'],
]
const AMOUNTS = [
  'market_value',
  'unrealized_pnl',
  'unrealized_pnl_percent',
  'current_price',
  'trend_snapshot',
]

/** The position to own at a score: on straight lines between these points. */
const TARGETS: readonly (readonly [score: number, target: number])[] = [
  [0, 0],
  [40, 0.1],
  [60, 0.3],
  [80, 0.6],
  [100, 1],
]

/** By the lowest score of each level: its name, and the part of the price at which a loss is stopped. */
const LEVELS: readonly (readonly [score: number, level: string, stop: number])[] = [
  [80, 'LOW', 0.92],
  [60, 'MEDIUM', 0.9],
  [40, 'HIGH', 0.88],
  [0, 'EXTREME', 0.85],
]

/** What agrees in the scores of a position, stored and assessed. */
const scoreRules: readonly RowRule[] = [
  positionRule('overall_score of a position', (row) => {
    const parts = Object.keys(WEIGHTS).filter((name) => numberIn(row, name) !== undefined)
    const weight = parts.reduce((sum, name) => sum + (WEIGHTS[name] ?? 0), 0)
    const sum = parts.reduce((total, name) => total + (WEIGHTS[name] ?? 0) * num(row, name), 0)
    return expectScore(row['overall_score'], weight < MIN_WEIGHT - 1e-9 ? null : sum / weight)
  }),
  scoreRule('risk_level', (row, score) => {
    const level = LEVELS.find(([from]) => score >= from)?.[1] ?? ''
    return expectThat(row['risk_level'] === level, level)
  }),
  scoreRule('recommendation', (row, score) => {
    const recommendation = recommendationAt(score, row)
    return expectThat(row['recommendation'] === recommendation, recommendation)
  }),
  scoreRule('target_position', (row, score) => expectNear(num(row, 'target_position'), targetAt(score))),
  scoreRule('stop_loss', (row, score) => {
    const price = priceOf(row)
    if (price === undefined) return undefined
    const stop = LEVELS.find(([from]) => score >= from)?.[2] ?? Number.NaN
    return expectNear(num(row, 'stop_loss'), price * stop)
  }),
  scoreRule('take_profit', (row) => {
    const price = priceOf(row)
    if (price === undefined) return undefined
    return expectThat(num(row, 'take_profit') > price, `more than the price, ${price}`)
  }),
  positionRule('without overall_score', (row) => {
    const others = ['risk_level', 'recommendation', 'target_position', 'stop_loss', 'take_profit']
    const isNull = (name: string) => row[name] === null
    return expectThat(row['overall_score'] !== null || others.every(isNull), 'null without an overall score')
  }),
  positionRule('reasons of scores', (row) => {
    const names = 'quantity' in row ? [...POSITION_SCORES, ...AMOUNTS] : POSITION_SCORES
    return expectReasons(
      row,
      names.filter((name) => row[name] === null),
    )
  }),
  [
    'inputs',
    ['inputs', 'degraded_reasons'],
    (row) => {
      const wrong = ['technical', 'fundamental'].filter((name) => {
        const isAbsent = (row['inputs'] as Members)[name] === null
        return isAbsent !== includes(row['degraded_reasons'], `no_${name}`)
      })
      return expectThat(wrong.length === 0, `a degraded reason exactly without ${wrong.join(', ')}`)
    },
  ],
  [
    'scores without a recent bar',
    ['inputs', 'degraded_reasons'],
    (row) => {
      const isOld = ['no_recent_bar', 'no_technical'].some((name) => includes(row['degraded_reasons'], name))
      const names = ['technical_score', 'sentiment_score', 'overall_score']
      return expectThat(!isOld || names.every((name) => row[name] === null), 'only the fundamental score')
    },
  ],
  [
    'as_of of scores',
    ['data', 'meta'],
    ({ data, meta }) => {
      if (!isMembers(data) || !isMembers(meta) || !isMembers(data['inputs'])) return undefined
      const times = Object.values(data['inputs']).flatMap((input) =>
        isMembers(input) ? [Date.parse(String(input['as_of']))] : [],
      )
      const earliest = Math.min(...times)
      return expectThat(
        Date.parse(String(meta['as_of'])) === earliest,
        `the earlier of its inputs: ${new Date(earliest).toISOString()}`,
      )
    },
  ],
]

/** What agrees in the assessment of a portfolio. */
const assessmentRules: readonly RowRule[] = [
  [
    'market_value',
    ['market_value', 'quantity', 'current_price', 'quote_currency'],
    (row) => {
      const factor = row['quote_currency'] === 'GBp' ? 0.01 : 1
      return expectNear(num(row, 'market_value'), num(row, 'quantity') * num(row, 'current_price') * factor)
    },
  ],
  [
    'summary',
    ['positions', 'summary'],
    ({ positions, summary }) => {
      if (!Array.isArray(positions) || !isMembers(summary)) return undefined
      const rows = positions.filter(isMembers)
      const values = rows.flatMap((row) => numberIn(row, 'market_value') ?? [])
      const scores = rows.flatMap((row) => numberIn(row, 'overall_score') ?? [])
      const buys = rows.filter((row) => String(row['recommendation']).endsWith('BUY')).length
      const risks = rows.filter((row) => ['HIGH', 'EXTREME'].includes(String(row['risk_level']))).length
      const counts: Members = {
        total_positions: rows.length,
        positions_with_value: values.length,
        high_risk_count: risks,
        buy_recommendation_count: buys,
      }
      const wrong = Object.keys(counts).find((name) => counts[name] !== summary[name])
      if (wrong !== undefined) return `${wrong} ${String(counts[wrong])}`
      const total = summary['total_value']
      if (typeof total === 'number') {
        const problem = expectNear(
          total,
          values.reduce((sum, value) => sum + value, 0),
        )
        if (problem !== undefined) return problem
      }
      return expectScore(summary['avg_score'], scores.length === 0 ? null : meanOf(scores))
    },
  ],
  ...['sector_ratios', 'industry_ratios'].map(
    (name): RowRule => [
      name,
      [name],
      (row) => {
        const parts = row[name]
        // the reason has the same name
        if (!isMembers(parts)) return undefined
        return expectNear(
          Object.values(parts).reduce<number>((sum, part) => sum + Number(part), 0),
          1,
        )
      },
    ],
  ),
]

/** What agrees in the scores of positions, and in the assessment of a portfolio. */
export const positionRules: readonly RowRule[] = [...scoreRules, ...assessmentRules]

/** A rule of rows with the scores of a position, of which each may be `null`. */
function positionRule(subject: string, rule: RowRule[2]): RowRule {
  return [subject, ['reasons'], (row) => (Object.hasOwn(row, 'target_position') ? rule(row) : undefined)]
}

/** A rule of rows with the overall score of a position, and with the member that has the name of the rule. */
function scoreRule(name: string, rule: (row: Members, score: number) => string | undefined): RowRule {
  const members = ['reasons', 'overall_score', 'target_position', name]
  return [name, members, (row) => rule(row, num(row, 'overall_score'))]
}

/** Buying needs a technical and a fundamental score that are less than 30 apart. */
function recommendationAt(score: number, row: Members): string {
  const [technical, fundamental] = [numberIn(row, 'technical_score'), numberIn(row, 'fundamental_score')]
  const mayBuy =
    technical !== undefined && fundamental !== undefined && Math.abs(technical - fundamental) < 30
  if (mayBuy && score >= 75) return score >= 90 ? 'STRONG_BUY' : 'BUY'
  if (score >= 55) return 'HOLD'
  return score >= 40 ? 'REDUCE' : 'SELL'
}

function targetAt(score: number): number {
  const index = TARGETS.findLastIndex(([from]) => score >= from)
  const [from, low] = TARGETS[index] ?? [0, 0]
  const [to, high] = TARGETS[index + 1] ?? [from + 1, low]
  return low + ((score - from) / (to - from)) * (high - low)
}

function priceOf(row: Members): number | undefined {
  return numberIn(row, 'close') ?? numberIn(row, 'current_price')
}
