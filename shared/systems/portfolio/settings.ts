import { choice, count, list, type SettingValues } from '#shared/declare/settings.ts'
import {
  ALPHA_VANTAGE_SETTINGS,
  alphaVantageOff,
  YAHOO_SETTINGS,
  yahooOff,
} from '#shared/upstreams/stocks/settings.ts'
import { SCHEDULER_SETTINGS } from '../common/settings.ts'
import { POSITION_SYMBOL } from './positions.ts'
import { SYMBOL_SETTINGS } from './provider-symbols.ts'

/** Settings that the jobs of the portfolio share. */
const PORTFOLIO_SETTINGS = {
  ...SCHEDULER_SETTINGS,
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

/** Settings of jobs that depend on daily bars. */
export const BARS_SETTINGS = {
  ...PORTFOLIO_SETTINGS,
  ...ALPHA_VANTAGE_SETTINGS,
  ...YAHOO_SETTINGS,
  ...SYMBOL_SETTINGS,
  BARS_PROVIDER: choice(['alphavantage', 'yahoo'], 'alphavantage', { about: 'provider of daily bars' }),
} as const

/** Why no daily bars are fetched under some settings; `undefined` if they are. */
export function barsOff(settings: SettingValues<typeof BARS_SETTINGS>): string | undefined {
  if (!settings.ENABLE_SCHEDULER) return 'ENABLE_SCHEDULER is false'
  return settings.BARS_PROVIDER === 'yahoo' ? yahooOff(settings) : alphaVantageOff(settings)
}

/** The symbol of a position, in a path and as a key. */
export const SYMBOL_PARAMETER = {
  pattern: '[A-Z0-9.-]{1,15}',
  about: 'the symbol of a position, as the operator spells it',
}
