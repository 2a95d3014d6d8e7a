const STABLE_COINS =
  'USDT USDC FDUSD TUSD BUSD USDP PAX DAI USDE USD1 PYUSD RLUSD USDS USDSB USDD BFUSD XUSD GUSD SUSD ' +
  'AEUR EURI IDRT BIDR BKRW BVND'

const FIAT = 'USD EUR GBP AUD CHF JPY KRW TRY BRL RUB UAH NGN ZAR PLN RON CZK ARS MXN COP IDR VND'

/**
 * Assets that stand for money, so that their price says nothing of the crypto market: fiat currencies, and tokens that
 * promise to be worth one unit of one. Gold tokens are not among them.
 */
export const CASH_EQUIVALENTS: ReadonlySet<string> = new Set(`${STABLE_COINS} ${FIAT}`.split(' '))
