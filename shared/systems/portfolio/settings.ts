import { choice, count, flag, list } from '#shared/declare/settings.ts'
import { POSITION_SYMBOL } from './positions.ts'

/** Settings that the jobs of the portfolio share. */
export const PORTFOLIO_SETTINGS = {
  ENABLE_SCHEDULER: flag(true, { about: 'run the jobs of the portfolio' }),
  PORTFOLIO_SYMBOLS: list([], {
    of: (word): word is string => POSITION_SYMBOL.test(word),
    rule: 'symbols of 1 to 15 capitals, digits, dots and hyphens',
    about: 'symbols to watch, until an operator puts positions',
  }),
  PORTFOLIO_MAX_SYMBOLS: count(50, {
    unit: 'symbols',
    max: 1_000,
    about: 'largest number of positions',
  }),
} as const

/** The provider of daily bars. */
export const BARS_PROVIDER = choice(['alphavantage', 'yahoo'], 'alphavantage', {
  about: 'provider of daily bars',
})
