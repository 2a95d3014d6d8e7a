import { exchangeSuffix, quoteUnit } from '#shared/analysis/portfolio/quote-units.ts'
import { pairs, type SettingValues } from '#shared/declare/settings.ts'
import { yahooSymbol } from '#shared/upstreams/stocks/yahoo-symbol.ts'

const SYMBOL = /^[A-Z0-9.-]{1,15}$/
const PROVIDER_SYMBOL = /^[A-Z0-9.^=-]{1,20}$/i

const spellings = (provider: string) =>
  pairs({
    of: (symbol, spelling) => SYMBOL.test(symbol) && PROVIDER_SYMBOL.test(spelling),
    rule: 'SYMBOL=SPELLING',
    about: `symbols that ${provider} spells in another way than the positions`,
  })

/** Settings for symbols whose spelling or unit does not follow from the general rules. */
export const SYMBOL_SETTINGS = {
  ALPHA_VANTAGE_SYMBOLS: spellings('Alpha Vantage'),
  YAHOO_SYMBOLS: spellings('Yahoo'),
  PORTFOLIO_CURRENCIES: pairs({
    of: (name, unit) => /^\.?[A-Z0-9][A-Z0-9.-]{0,14}$/.test(name) && quoteUnit(unit) !== null,
    rule: 'SYMBOL=UNIT or .EXCHANGE=UNIT, a unit such as EUR or GBp',
    about: 'units of the prices of symbols or exchanges, where the provider names none',
  }),
} as const

type SymbolSettings = SettingValues<typeof SYMBOL_SETTINGS>

/** A symbol as a provider spells it. */
export type Spelling = (symbol: string) => string

/** How each provider spells symbols: as a setting says, else by the provider's general rule. By name of the upstream. */
export function spellingsOf(settings: SymbolSettings): Readonly<Record<'alpha-vantage' | 'yahoo', Spelling>> {
  return {
    'alpha-vantage': (symbol) => settings.ALPHA_VANTAGE_SYMBOLS[symbol] ?? symbol,
    yahoo: (symbol) => settings.YAHOO_SYMBOLS[symbol] ?? yahooSymbol(symbol),
  }
}

/**
 * The unit of the prices of a symbol where the answer of the provider names none: by the setting of the symbol, else of its
 * exchange. A symbol without an exchange is listed in New York.
 *
 * @param symbol - as the operator spells it
 * @returns `null` if it is not known
 */
export function configuredUnit(
  symbol: string,
  { PORTFOLIO_CURRENCIES: units }: Pick<SymbolSettings, 'PORTFOLIO_CURRENCIES'>,
): string | null {
  const exchange = exchangeSuffix(symbol)
  return units[symbol] ?? (exchange === null ? 'USD' : (units[`.${exchange}`] ?? null))
}
