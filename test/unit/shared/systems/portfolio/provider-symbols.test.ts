import { describe, expect, it } from 'vitest'
import { settingValues } from '#shared/declare/settings.ts'
import {
  configuredUnit,
  providerSymbol,
  SYMBOL_SETTINGS,
} from '#shared/systems/portfolio/provider-symbols.ts'

const settingsOf = (texts: Readonly<Record<string, string>> = {}) => settingValues(SYMBOL_SETTINGS, texts)

describe('the spelling of a symbol', () => {
  it('follows the rule of the provider', () => {
    expect(providerSymbol('yahoo', 'BRK.B', settingsOf())).toBe('BRK-B')
    expect(providerSymbol('alpha-vantage', 'BRK.B', settingsOf())).toBe('BRK.B')
  })

  it('is that of the setting, for single symbols of one provider', () => {
    const settings = settingsOf({
      YAHOO_SYMBOLS: 'BF.B=BF.B,SPX=^GSPC',
      ALPHA_VANTAGE_SYMBOLS: 'TSCO=TSCO.LON',
    })

    expect(providerSymbol('yahoo', 'BF.B', settings)).toBe('BF.B')
    expect(providerSymbol('yahoo', 'SPX', settings)).toBe('^GSPC')
    expect(providerSymbol('yahoo', 'TSCO', settings)).toBe('TSCO')
    expect(providerSymbol('alpha-vantage', 'TSCO', settings)).toBe('TSCO.LON')
  })
})

describe('the configured unit of a price', () => {
  const settings = settingsOf({ PORTFOLIO_CURRENCIES: '.LON=GBp,VOD.LON=GBP' })

  it.each([
    ['TSCO.LON', 'TSCO.LON', 'GBp'],
    ['TSCO', 'TSCO.LON', 'GBp'],
    ['VOD.LON', 'VOD.LON', 'GBP'],
    ['SAP.DEX', 'SAP.DEX', null],
    ['IBM', 'IBM', null],
  ])('of %s, which the provider spells %s, is %s', (symbol, spelling, unit) => {
    expect(configuredUnit(symbol, spelling, settings)).toBe(unit)
  })
})

it.each([
  ['PORTFOLIO_CURRENCIES', '.LON=pounds'],
  ['PORTFOLIO_CURRENCIES', '.LON'],
  ['PORTFOLIO_CURRENCIES', '.LON=GBp,.LON=GBP'],
  ['YAHOO_SYMBOLS', 'brk=X'],
  ['ALPHA_VANTAGE_SYMBOLS', 'A=B=C'],
])('%s=%s is refused with the expected form', (name, text) => {
  expect(() => settingsOf({ [name]: text })).toThrow(/expected SYMBOL=/)
})
