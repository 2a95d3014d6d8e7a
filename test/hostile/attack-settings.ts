import type { SettingTexts } from '#shared/declare/settings.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import type { JsonValue } from '#shared/domain/json.ts'

/** When operators store their data, and before which no run is, by default; milliseconds since the epoch. */
const START = Date.UTC(2026, 10, 20, 12)

/** How one job is attacked, where its declaration does not say it. */
interface AttackSettings {
  /** Settings that switch it on. */
  readonly settings: SettingTexts
  /** Profiles with other settings, by the end of their name: `yahoo` is the profile `technical/yahoo`. */
  readonly profiles?: Readonly<Record<string, SettingTexts>>
  /** Time between two runs, where its schedule has runs that make no call. By default each tick is a run. */
  readonly runEveryMs?: number
  /** How old its data may be; two days by default. */
  readonly recentMs?: number
  /** In place of the usual time before which no run is; milliseconds since the epoch. */
  readonly startAt?: number
  /**
   * Time from the last attacked run to the next good one, in milliseconds, where a provider's failure ends all calls for so
   * long. By default they are as far apart as any two runs.
   */
  readonly recoverAfterMs?: number
  /** Number of runs that refresh all of its data, of a job whose runs refresh a part each; 1 by default. */
  readonly runsOfCycle?: number
  /** Whether it is computed as a whole, so that a run of one key does nothing. */
  readonly isWhole?: boolean
  /** Number of good runs before the attack; two by default. */
  readonly goodRuns?: number
  /** Part of the usual sample, of a job whose runs take long; 1 by default. */
  readonly sampleShare?: number
  /** What operators have stored before its first run, by name. */
  readonly operatorData?: Readonly<Record<string, JsonValue>>
}

/** Settings of every job: a dozen rows are enough to fill everything that it publishes. */
const SETTINGS: SettingTexts = { FUNDING_RATE_THRESHOLD: '0.00001', MIN_VOLUME: '100000' }

/**
 * Symbols of the simulated stocks: a company, one whose shares were split, and one of an exchange with a minor unit. The
 * providers spell the last one differently.
 */
const ALPHA_VANTAGE: SettingTexts = {
  ALPHA_VANTAGE_KEY_PARAMETER: '/attack/alpha-vantage-key',
  PORTFOLIO_SYMBOLS: 'AAPL,NVDA,TSCO.LON',
}
const YAHOO: SettingTexts = {
  BARS_PROVIDER: 'yahoo',
  YAHOO_TERMS_ACCEPTED: 'true',
  PORTFOLIO_SYMBOLS: 'AAPL,BRK.B,TSCO.L',
}

/** Companies with a profit and with a loss, one of another exchange, and a fund, of which there are no fundamentals. */
const FUNDAMENTALS: SettingTexts = { ...ALPHA_VANTAGE, PORTFOLIO_SYMBOLS: 'AAPL,NVDA,SPY,TSCO.LON' }

/** Observations are kept for so long that every change can be computed again from them. */
const FRED: SettingTexts = {
  FRED_TERMS_ACCEPTED: 'true',
  FRED_KEY_PARAMETER: '/attack/fred-key',
  RETENTION_DAYS_MACRO: '800',
}

/** NewsAPI in place of GDELT. */
const NEWS_API: SettingTexts = {
  EVENTS_PROVIDER: 'newsapi',
  NEWS_API_PLAN: 'paid',
  NEWS_API_KEY_PARAMETER: '/attack/news-api-key',
}

/** A group of the simulated check-in provider. A token that is refused is tried again after an hour. */
const CHECK_INS: AttackSettings = {
  settings: {
    CHECKINS_ENABLED: 'true',
    CHECKINS_TOKEN_PARAMETER: '/attack/check-in-token',
    CHECKINS_GROUP_ID: '28888000000001',
    CHECKINS_TERMS_ACKNOWLEDGED: 'true',
    // as many as go on: a brief project comes and goes
    CHECKINS_MAX_PROJECTS: '4',
    CHECKINS_INTERVAL_PROJECTS: '1800',
  },
  // three hours without the brief project, and no midnight in Shanghai soon
  startAt: Date.UTC(2026, 10, 20, 21),
  recoverAfterMs: HOUR_MS + MINUTE_MS,
}

/** Jobs that are off by default, and further profiles. A job that is off and has no line here is not attacked. */
export const ATTACK_SETTINGS: Readonly<Record<string, AttackSettings>> = {
  // a symbol is asked for once a session: after three days there is a new one, whatever day it is
  technical: {
    settings: ALPHA_VANTAGE,
    profiles: { yahoo: YAHOO },
    runEveryMs: 3 * DAY_MS,
    // two sessions missed, each before a weekend
    recentMs: 14 * DAY_MS,
  },
  // the later runs of a day request nothing
  // the oldest quarterly observation is eight quarters older than the newest one
  'macro-indicators': { settings: FRED, runEveryMs: DAY_MS, sampleShare: 0.25, recentMs: 850 * DAY_MS },
  'macro-risk': {
    settings: FRED,
    isWhole: true,
    // each run has one of about a day before
    runEveryMs: 20 * HOUR_MS,
    // with events of seven days there is a score of them
    goodRuns: 10,
    sampleShare: 0.25,
    recentMs: 240 * DAY_MS,
    operatorData: {
      'macro-inputs': { nasdaq_pe: 28, top_ten_share: 36, ipo_heat: null, put_call_ratio: 0.9 },
    },
  },
  'geo-events': { settings: {}, profiles: { newsapi: NEWS_API }, sampleShare: 0.5 },
  fundamental: {
    settings: FUNDAMENTALS,
    profiles: { 'balance-sheet': { ALPHA_VANTAGE_BALANCE_SHEET: 'true' } },
    // a fund is asked for once in seven days
    recentMs: 10 * DAY_MS,
  },
  // its inputs are fetched before each of its runs: once a session, and once a day
  'position-scores': {
    settings: FUNDAMENTALS,
    profiles: { 'balance-sheet': { ALPHA_VANTAGE_BALANCE_SHEET: 'true' } },
    runEveryMs: 3 * DAY_MS,
    sampleShare: 0.5,
    // of the inputs of former records
    recentMs: 30 * DAY_MS,
    operatorData: {
      positions: [
        { symbol: 'AAPL', quantity: '10', avg_cost: '150.25', currency: 'USD' },
        { symbol: 'NVDA', quantity: '2.5', avg_cost: null, currency: 'USD' },
        { symbol: 'SPY', quantity: '4', avg_cost: '0', currency: 'USD' },
        { symbol: 'TSCO.LON', quantity: null, avg_cost: null, currency: null },
      ],
    },
  },
  'check-in-projects': CHECK_INS,
  'check-in-stats': CHECK_INS,
  'check-in-daily-stats': CHECK_INS,
  // a run refreshes one of two boards
  'check-in-leaderboards': { ...CHECK_INS, runsOfCycle: 2 },
  'check-in-topics': CHECK_INS,
}

/** The settings under which a job is attacked first. */
export function settingsOf(id: string): SettingTexts {
  return { ...SETTINGS, ...ATTACK_SETTINGS[id]?.settings }
}

/** When operators have stored the data of a job, and before which it has no run; milliseconds since the epoch. */
export function startOf(id: string): number {
  return ATTACK_SETTINGS[id]?.startAt ?? START
}

/** Number of good runs of a job before it is attacked. */
export function goodRunsOf(id: string): number {
  return ATTACK_SETTINGS[id]?.goodRuns ?? 2
}

/** Time from the attacked runs of a job to the next good one, in milliseconds; 0 for that of any two runs. */
export function recoverAfterMsOf(id: string): number {
  return ATTACK_SETTINGS[id]?.recoverAfterMs ?? 0
}

/** Number of runs that refresh all data of a job. */
export function runsOfCycleOf(id: string): number {
  return ATTACK_SETTINGS[id]?.runsOfCycle ?? 1
}

/** The part of the usual sample that a job is attacked with. */
export function sampleShareOf(id: string): number {
  return ATTACK_SETTINGS[id]?.sampleShare ?? 1
}

/** How old the data of a job may be, in milliseconds. */
export function recentMsOf(id: string): number {
  return ATTACK_SETTINGS[id]?.recentMs ?? 2 * DAY_MS
}
