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

/** The settings of a job that has {@link SYMBOL_SETTINGS}. */
type JobSettings = Readonly<Record<string, unknown>>

/**
 * How a provider spells a symbol: as a setting says, else by the general rule of the provider.
 *
 * @param upstream - name of the provider
 * @param symbol - as the operator spells it
 */
export function providerSymbol(upstream: string, symbol: string, settings: JobSettings): string {
  const { YAHOO_SYMBOLS, ALPHA_VANTAGE_SYMBOLS } = settings as SymbolSettings
  if (upstream === 'yahoo') return YAHOO_SYMBOLS[symbol] ?? yahooSymbol(symbol)
  return ALPHA_VANTAGE_SYMBOLS[symbol] ?? symbol
}

/**
 * The unit of the prices of a symbol that the settings name: for the symbol, else for its exchange.
 *
 * @param symbol - as the operator spells it
 * @param spelling - as the provider spells it, with the suffix of the exchange
 * @returns `null` if they name none
 */
export function configuredUnit(symbol: string, spelling: string, settings: JobSettings): string | null {
  const { PORTFOLIO_CURRENCIES: units } = settings as SymbolSettings
  return units[symbol] ?? units[`.${exchangeSuffix(spelling)}`] ?? null
}
