import { expectThat, num, type RowRule } from './agreement-rule.ts'

/** What agrees in figures of the whole market and of spot pairs. */
export const marketRules: readonly RowRule[] = [
  [
    'dominance sum',
    ['btc_dominance_percentage', 'eth_dominance_percentage'],
    ({ btc_dominance_percentage: btc, eth_dominance_percentage: eth }) =>
      expectThat(Number(btc) + Number(eth) <= 100.5, 'shares of at most 100 % together'),
  ],
  [
    'volume against capitalisation',
    ['total_volume_24h_usd', 'total_market_cap_usd'],
    (row) =>
      expectThat(
        num(row, 'total_volume_24h_usd') <= num(row, 'total_market_cap_usd'),
        'a volume of at most the capitalisation',
      ),
  ],
  [
    'last within low and high',
    ['last_price', 'low_price', 'high_price'],
    (row) =>
      expectThat(
        num(row, 'low_price') <= num(row, 'last_price') && num(row, 'last_price') <= num(row, 'high_price'),
        'low <= last <= high',
      ),
  ],
  [
    'open within low and high',
    ['open_price', 'low_price', 'high_price'],
    (row) =>
      expectThat(
        num(row, 'low_price') <= num(row, 'open_price') && num(row, 'open_price') <= num(row, 'high_price'),
        'low <= open <= high',
      ),
  ],
  [
    'price_change_percent',
    ['price_change_percent', 'last_price', 'open_price'],
    (row) => {
      const change = (num(row, 'last_price') / num(row, 'open_price') - 1) * 100
      const difference = Math.abs(change - num(row, 'price_change_percent'))
      return expectThat(difference <= 0.1 * Math.max(1, Math.abs(change) / 100), `${change.toFixed(3)} %`)
    },
  ],
  [
    'pair of its assets',
    ['base_asset', 'quote_asset', 'symbol'],
    (row) =>
      expectThat(
        row['symbol'] === `${row['base_asset']}${row['quote_asset']}`,
        `${row['base_asset']}${row['quote_asset']}`,
      ),
  ],
  [
    'contract of its assets',
    ['base_asset', 'symbol', 'last_price'],
    (row) =>
      expectThat(
        String(row['symbol']).startsWith(String(row['base_asset'])),
        `a pair of ${row['base_asset']}`,
      ),
  ],
]
