import { expectNear, expectRatio, expectThat, num, type RowRule } from './agreement-rule.ts'

/** What agrees in an analysis of one symbol. */
export const analysisRules: readonly RowRule[] = [
  [
    'recommendation of an analysis',
    ['recommendation'],
    // that of a position has more words
    (row) => {
      const isOneOfThem =
        'target_position' in row || /^(?:BUY|SELL|HOLD)$/.test(String(row['recommendation']))
      return expectThat(isOneOfThem, 'BUY, SELL or HOLD')
    },
  ],
  [
    'HAMA candle',
    ['ha_low', 'ha_high', 'ha_open', 'ha_close'],
    (row) =>
      expectRatio(num(row, 'ha_high') / num(row, 'ha_low'), 10) ??
      expectRatio(num(row, 'ha_open') / num(row, 'ha_close'), 10),
  ],
  [
    'deviation_pct',
    ['deviation_pct', 'ha_close', 'hama_ma'],
    (row) => {
      const deviation = (Math.abs(num(row, 'ha_close') - num(row, 'hama_ma')) / num(row, 'hama_ma')) * 100
      return expectThat(
        Math.abs(deviation - num(row, 'deviation_pct')) <= 0.01 + deviation * 1e-3,
        `${deviation.toFixed(6)} %`,
      )
    },
  ],
  [
    'price_vs_ma',
    ['price_vs_ma', 'realtime_price', 'hama_ma'],
    (row) => {
      const side = Math.sign(num(row, 'realtime_price') - num(row, 'hama_ma'))
      const sides: readonly string[] = ['below', 'equal', 'above']
      return expectThat(row['price_vs_ma'] === sides[side + 1], String(sides[side + 1]))
    },
  ],
  [
    'price against average',
    ['realtime_price', 'hama_ma'],
    (row) => expectRatio(num(row, 'realtime_price') / num(row, 'hama_ma'), 10),
  ],
  [
    'candle against average',
    ['candle_close', 'ma_value'],
    (row) => expectRatio(num(row, 'candle_close') / num(row, 'ma_value'), 10),
  ],
  [
    'bands',
    ['bb_lower', 'bb_basis', 'bb_upper'],
    (row) =>
      expectThat(
        num(row, 'bb_lower') <= num(row, 'bb_basis') && num(row, 'bb_basis') <= num(row, 'bb_upper'),
        'lower <= basis <= upper',
      ),
  ],
  [
    'bb_width',
    ['bb_width', 'bb_lower', 'bb_basis', 'bb_upper'],
    (row) =>
      expectNear(
        num(row, 'bb_width'),
        (num(row, 'bb_upper') - num(row, 'bb_lower')) / num(row, 'bb_basis'),
        1e-3,
      ),
  ],
]
