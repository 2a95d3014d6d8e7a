import { count, flag, type SettingValues, secretName } from '#shared/declare/settings.ts'

/*
 * The settings of the providers of stocks, apart from the providers: every function that reads the declarations of jobs
 * has them, and none of those calls a provider.
 */

/** Settings of Alpha Vantage. A job that uses it has them too, so that its `off` can depend on them. */
export const ALPHA_VANTAGE_SETTINGS = {
  ALPHA_VANTAGE_KEY_PARAMETER: secretName({
    about: 'SSM parameter of the Alpha Vantage key; without it, Alpha Vantage is not called',
  }),
  ALPHA_VANTAGE_DAILY_BUDGET: count(25, {
    unit: 'calls',
    max: 100_000,
    about: 'calls a day in New York that the plan of the Alpha Vantage key allows',
  }),
  ALPHA_VANTAGE_CALLS_PER_MINUTE: count(19, {
    unit: 'calls',
    max: 30,
    about: 'calls a minute to Alpha Vantage; more than 19 only with a paid plan, because calls get closer',
  }),
} as const

/** Why Alpha Vantage is not called under some settings; `undefined` if it is. */
export function alphaVantageOff({
  ALPHA_VANTAGE_KEY_PARAMETER: parameter,
}: Pick<SettingValues<typeof ALPHA_VANTAGE_SETTINGS>, 'ALPHA_VANTAGE_KEY_PARAMETER'>): string | undefined {
  return parameter === undefined ? 'ALPHA_VANTAGE_KEY_PARAMETER is not set' : undefined
}

/** Settings of Yahoo. A job that uses it has them too, so that its `off` can depend on them. */
export const YAHOO_SETTINGS = {
  YAHOO_TERMS_ACCEPTED: flag(false, {
    about:
      'accept that Yahoo offers no licensed public interface, and that its data are for personal use; if false, Yahoo is not called',
  }),
} as const

/** Why Yahoo is not called under some settings; `undefined` if it is. */
export function yahooOff({
  YAHOO_TERMS_ACCEPTED: isAccepted,
}: SettingValues<typeof YAHOO_SETTINGS>): string | undefined {
  return isAccepted ? undefined : 'YAHOO_TERMS_ACCEPTED is false'
}
