import { choice, flag, type SettingValues, secretName } from '#shared/declare/settings.ts'

/*
 * The settings of the providers of indicators and events, apart from the providers: every function that reads the
 * declarations of jobs has them, and none of those calls a provider.
 */

/** The notice that the terms of FRED require wherever its data appear. */
export const FRED_NOTICE =
  'This product uses the FRED® API but is not endorsed or certified by the Federal Reserve Bank of St. Louis.'

/** Settings of FRED. A job that uses it has them too, so that its `off` can depend on them. */
export const FRED_SETTINGS = {
  FRED_TERMS_ACCEPTED: flag(false, {
    about:
      'confirm that the Federal Reserve Bank of St. Louis has consented to storing data of FRED, which its terms forbid otherwise; if false, FRED is not called',
  }),
  FRED_KEY_PARAMETER: secretName({
    about: 'SSM parameter of the FRED key; without it, FRED is not called',
  }),
} as const

/** Why FRED is not called under some settings; `undefined` if it is. */
export function fredOff({
  FRED_TERMS_ACCEPTED: isAccepted,
  FRED_KEY_PARAMETER: parameter,
}: SettingValues<typeof FRED_SETTINGS>): string | undefined {
  if (!isAccepted) return 'FRED_TERMS_ACCEPTED is false'
  return parameter === undefined ? 'FRED_KEY_PARAMETER is not set' : undefined
}

/** The attribution of the providers of news, by their names. */
export const EVENTS_NOTICES = {
  gdelt: 'Source: The GDELT Project',
  'news-api': 'News by NewsAPI.org',
} as const

/** The name of a provider of news. */
export type NewsProvider = keyof typeof EVENTS_NOTICES

/** Settings of the provider of events. A job that uses one has them too, so that it can select it. */
export const EVENTS_SETTINGS = {
  EVENTS_PROVIDER: choice(['gdelt', 'newsapi'], 'gdelt', {
    about: 'provider of the news from which events are read; newsapi needs a paid plan and its key',
  }),
  NEWS_API_KEY_PARAMETER: secretName({
    about: 'SSM parameter of the NewsAPI key; required for newsapi',
  }),
  NEWS_API_PLAN: choice(['developer', 'paid'], 'developer', {
    about:
      'plan of the NewsAPI key; the developer plan forbids production, so that NewsAPI is called under paid only',
  }),
} as const

/** Why NewsAPI is not called under some settings; `undefined` if it is. */
export function newsApiOff({
  EVENTS_PROVIDER: provider,
  NEWS_API_KEY_PARAMETER: parameter,
  NEWS_API_PLAN: plan,
}: SettingValues<typeof EVENTS_SETTINGS>): string | undefined {
  if (provider !== 'newsapi') return `EVENTS_PROVIDER is ${provider}`
  if (plan !== 'paid') return `NEWS_API_PLAN is ${plan}`
  return parameter === undefined ? 'NEWS_API_KEY_PARAMETER is not set' : undefined
}
