/** Settings with which the jobs of simulated providers run, by provider: their keys and terms, and what they refresh. */
const PROFILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'alpha-vantage': {
    ALPHA_VANTAGE_KEY_PARAMETER: '/freshet/simulated/alpha-vantage-key',
    PORTFOLIO_SYMBOLS: 'AAPL,MSFT,NVDA,KO,JPM,BRK.B,SPY',
  },
  fred: {
    FRED_TERMS_ACCEPTED: 'true',
    FRED_KEY_PARAMETER: '/freshet/simulated/fred-key',
  },
  'ai-summaries': {
    ENABLE_AI_SUMMARIES: 'true',
    // replaced by the address of the simulated provider
    AI_SUMMARY_URL: 'https://summaries.invalid',
    AI_SUMMARY_MODEL: 'simulated',
    AI_SUMMARY_KEY_PARAMETER: '/freshet/simulated/summaries-key',
    AI_SUMMARY_KINDS: 'macro,position',
  },
  'check-ins': {
    CHECKINS_ENABLED: 'true',
    CHECKINS_TOKEN_PARAMETER: '/freshet/simulated/check-ins-token',
    CHECKINS_GROUP_ID: '28888000000001',
    CHECKINS_TERMS_ACKNOWLEDGED: 'true',
    // what the simulated provider asks for: the first data of all projects are there sooner
    CHECKINS_MIN_SPACING_MS: '1000',
  },
}

/**
 * The settings of the simulated providers that the user has not set. No key of them is real.
 *
 * @param simulated - names of the simulated providers
 */
export function simulatedProfile(
  simulated: readonly string[],
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const members = simulated.flatMap((name) => Object.entries(PROFILES[name] ?? {}))
  return Object.fromEntries(members.filter(([name]) => !(name in settings)))
}
