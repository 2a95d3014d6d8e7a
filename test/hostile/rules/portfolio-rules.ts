import { DAY_MS } from '#shared/domain/duration.ts'
import {
  expectNear,
  expectRatio,
  expectThat,
  isMembers,
  type Members,
  num,
  type RowRule,
} from './agreement-rule.ts'
import { includes } from './score-rule.ts'

/** Values are published with eight decimals. */
const ROUNDING = 2e-8

/** Members that are `null` for a reason of the market or of the provider, not for lack of bars. */
const WITHOUT_REASON = new Set(['split_date', 'restated_on', 'rescaled_on', 'quote_currency', 'quote_factor'])

/** A price of one session is at most so many times another one of the sessions that are analysed together. */
const MAX_PRICE_RATIO = 10

const AVERAGES = ['ma5', 'ma10', 'ma20', 'ma50', 'ma200', 'bb_middle']

/** What agrees in the indicators of one symbol after its newest session. */
const recordRules: readonly RowRule[] = [
  [
    'bands of 20 days',
    ['bb_lower', 'bb_middle', 'bb_upper'],
    (row) =>
      expectThat(
        num(row, 'bb_lower') <= num(row, 'bb_middle') && num(row, 'bb_middle') <= num(row, 'bb_upper'),
        'lower <= middle <= upper',
      ),
  ],
  [
    'width of the bands',
    ['bb_width', 'bb_lower', 'bb_middle', 'bb_upper'],
    (row) =>
      expectNear(
        num(row, 'bb_width'),
        (num(row, 'bb_upper') - num(row, 'bb_lower')) / num(row, 'bb_middle'),
        1e-3,
      ),
  ],
  ['bb_position', ['bb_position', 'close', 'bb_lower', 'bb_middle', 'bb_upper'], positionRule],
  ['middle band', ['bb_middle', 'ma20'], (row) => expectNear(num(row, 'bb_middle'), num(row, 'ma20'))],
  [
    'macd_histogram',
    ['macd_histogram', 'macd', 'macd_signal'],
    (row) => {
      const difference = num(row, 'macd') - num(row, 'macd_signal')
      return expectThat(
        Math.abs(num(row, 'macd_histogram') - difference) <= 2 * ROUNDING,
        `macd - macd_signal = ${difference}`,
      )
    },
  ],
  [
    'macd_status',
    ['macd_status', 'macd_histogram'],
    (row) => {
      const side = { BULLISH_CROSSOVER: 1, BEARISH_CROSSOVER: -1 }[String(row['macd_status'])] ?? 0
      return expectThat(
        side * num(row, 'macd_histogram') >= 0,
        'a histogram on the side to which the lines crossed',
      )
    },
  ],
  [
    'rsi_status',
    ['rsi14', 'rsi_status', 'rsi_signal'],
    (row) => {
      const rsi = num(row, 'rsi14')
      const meaning = rsi < 30 ? 'OVERSOLD BUY' : rsi > 70 ? 'OVERBOUGHT SELL' : 'NEUTRAL HOLD'
      return expectThat(`${row['rsi_status']} ${row['rsi_signal']}` === meaning, meaning)
    },
  ],
  [
    'trend_strength of SIDEWAYS',
    ['trend_direction', 'trend_strength'],
    (row) => {
      const isSideways = row['trend_direction'] === 'SIDEWAYS'
      return expectThat(
        isSideways ? row['trend_strength'] === 50 : num(row, 'trend_strength') >= 75,
        '50 for SIDEWAYS, else at least 75',
      )
    },
  ],
  [
    'volume_ratio',
    ['volume_ratio', 'volume', 'volume_sma20'],
    (row) => expectNear(num(row, 'volume_ratio'), num(row, 'volume') / num(row, 'volume_sma20')),
  ],
  ...AVERAGES.map(
    (name): RowRule => [
      `close against ${name}`,
      ['close', name],
      (row) => expectRatio(num(row, 'close') / num(row, name), MAX_PRICE_RATIO),
    ],
  ),
  [
    'atr14 against close',
    ['atr14', 'close'],
    (row) => expectThat(num(row, 'atr14') <= num(row, 'close'), 'a mean range of at most the price'),
  ],
  ...['support_levels', 'resistance_levels'].map(
    (name): RowRule => [
      name,
      [name, 'close'],
      (row) => {
        const levels = row[name] as readonly number[]
        const isNear = (level: number) => !expectRatio(level / num(row, 'close'), MAX_PRICE_RATIO)
        return expectThat(
          levels.length <= 3 && levels.every(isNear),
          `at most three prices, each within ${MAX_PRICE_RATIO} times the close`,
        )
      },
    ],
  ),
  [
    'reasons',
    ['reasons'],
    (row) => {
      const nulls = Object.keys(row).filter((name) => row[name] === null && !WITHOUT_REASON.has(name))
      const missing = nulls.filter((name) => !Object.hasOwn(row['reasons'] as Members, name))
      return expectThat(missing.length === 0, `a reason for ${missing.join(', ')}`)
    },
  ],
  ['bars', ['bars_used', 'bars_from', 'date'], barsRule],
  ...[5, 10, 20, 50, 200].map(
    (count): RowRule => [
      `bars of ma${count}`,
      [`ma${count}`, 'bars_used'],
      (row) => expectThat(num(row, 'bars_used') >= count, `at least ${count} bars, or null`),
    ],
  ),
  [
    'weekday of a session',
    ['date', 'symbol'],
    (row) => {
      const isWeekend = [0, 6].includes(new Date(`${row['date']}T12:00:00Z`).getUTCDay())
      return expectThat(!isWeekend, 'a date from Monday to Friday')
    },
  ],
  [
    'quote_factor',
    ['quote_factor', 'quote_currency'],
    (row) => {
      const factor = /^(?:GBp|GBX|ZAc|ILA)$/.test(String(row['quote_currency'])) ? 0.01 : 1
      return expectThat(row['quote_factor'] === factor, String(factor))
    },
  ],
  [
    'split_date',
    ['degraded_reasons', 'bars_from'],
    (row) => {
      const isSplit = includes(row['degraded_reasons'], 'suspected_split')
      return expectThat(
        isSplit ? row['split_date'] === row['bars_from'] : (row['split_date'] ?? null) === null,
        'a split date exactly if a split is suspected, which is that of the first bar',
      )
    },
  ],
  [
    'restated_on',
    ['degraded_reasons', 'restated_on', 'date'],
    (row) =>
      expectThat(
        String(row['restated_on']) <= String(row['date']) &&
          includes(row['degraded_reasons'], 'bars_restated') === (row['restated_on'] === row['date']),
        'bars_restated exactly while that session is the newest',
      ),
  ],
]

const envelopeRules: readonly RowRule[] = [
  [
    'as_of of a session',
    ['data', 'meta'],
    ({ data, meta }) => {
      if (!isMembers(data) || !isMembers(meta) || data['timeframe'] === undefined) return undefined
      return expectThat(
        String(meta['as_of']).startsWith(String(data['date'])),
        `a time of ${String(data['date'])}`,
      )
    },
  ],
  [
    'degraded of a session',
    ['data', 'meta'],
    ({ data, meta }) => {
      if (!isMembers(data) || !isMembers(meta) || !Array.isArray(data['degraded_reasons'])) return undefined
      return expectThat(
        data['degraded_reasons'].length === 0 || meta['degraded'] === true,
        'degraded: true with a reason',
      )
    },
  ],
]

/** What agrees in a record of indicators, which names its `timeframe`, and in its envelope. */
export const portfolioRules: readonly RowRule[] = [
  ...recordRules.map(([subject, members, rule]): RowRule => [subject, [...members, 'timeframe'], rule]),
  ...envelopeRules,
]

/** The number of bars is at most that of the weekdays from the first to the last one. */
function barsRule(row: Members): string | undefined {
  const [from, to] = [Date.parse(String(row['bars_from'])), Date.parse(String(row['date']))]
  const days = Math.round((to - from) / DAY_MS) + 1
  const used = num(row, 'bars_used')
  const isOne = used === 1
  return expectThat(
    days >= 1 && isOne === (days === 1) && used <= Math.ceil(days / 7) * 5,
    `bars_from up to date, and at most five bars a week of ${days} days`,
  )
}

function positionRule(row: Members): string | undefined {
  const [close, lower, middle, upper] = ['close', 'bb_lower', 'bb_middle', 'bb_upper'].map((name) =>
    num(row, name),
  ) as [number, number, number, number]
  // a close on a line may be on either side of it by rounding
  const near = [lower, middle, upper].some((line) => Math.abs(close - line) <= ROUNDING)
  const part =
    close > upper
      ? 'ABOVE_UPPER'
      : close >= middle
        ? 'MIDDLE_TO_UPPER'
        : close >= lower
          ? 'LOWER_TO_MIDDLE'
          : 'BELOW_LOWER'
  return expectThat(near || row['bb_position'] === part, part)
}
