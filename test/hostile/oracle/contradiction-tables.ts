/** A place that a reader of the body must not believe, although its published values may all be plausible. */
interface Contradiction {
  readonly subject: string
  /** Path of the provider. */
  readonly path: RegExp
  /** JSON path of the place. */
  readonly place: RegExp
  /** Name of the mutation. */
  readonly name: RegExp
  /** Whether it contradicts what is stored, so that a second run agrees with the first one. */
  readonly isOfStored?: boolean
}

/** Moves of a time by an hour or more, and times in another unit. */
const FAR =
  /^(?:all times )?(?:[+-](?:1 h|4 h|2 h|25 h|1 d|30 d|1 y)|1970|9999|a second after 1970|seconds for|milliseconds for|microseconds)/

/** Daily bars of shares: rows by date, or columns. */
const DAILY_BARS = /TIME_SERIES_DAILY$|finance\/chart$/

/** Prices of one session that cannot all be true: `2. high is 0.5 of 3. low`, `row 3: close is 2 of high`. */
const BAR_CONTRADICTIONS: readonly Contradiction[] = [
  { subject: 'open outside of its session', name: /open is (?:0\.5|2) of / },
  { subject: 'high below its session', name: /high is 0\.5 of / },
  { subject: 'low above its session', name: /low is 2 of / },
  { subject: 'close outside of its session', name: /(?:^|[ .])close is (?:0\.5|2) of / },
].map((row) => ({ ...row, path: DAILY_BARS, place: /./ }))

/** Fundamentals of a company: its figures, and its balance sheets. */
const OVERVIEW = /function=OVERVIEW$/
const BALANCE_SHEET = /function=BALANCE_SHEET$/
const FIGURE =
  /\.(?:PERatio|ForwardPE|PEGRatio|PriceToBookRatio|Beta|ReturnOn\w+TTM|ProfitMargin|Quarterly\w+GrowthYOY)$/
const USED_FIGURE = new RegExp(FIGURE.source.replace('ForwardPE|', ''))
const AMOUNT = /quarterlyReports\[0\]\.total(?:CurrentAssets|CurrentLiabilities|ShareholderEquity)$/

/** Values that are no number. */
const NO_NUMBER =
  /^(?:a word|true|an? (?:list|object)|empty (?:list|object)|NaN as text|Infinity as text|1e999 as text|bare .*|a long text|of the other type)$/

/** Days that are none, or that have not come yet. */
const NO_DAY =
  /^(?:0000-00-00|1970-01-01|9999-12-31|2026-02-30|2026-11-31|\+1 y|with a time|of the other order|a word|1e308)$/

/** What a reader of fundamentals must not believe. */
const FUNDAMENTAL_CONTRADICTIONS: readonly Contradiction[] = [
  {
    subject: 'fundamentals of another symbol',
    path: OVERVIEW,
    place: /\.Symbol$/,
    name: /^(?:a word|absent|null|empty text|an? (?:list|object))$/,
  },
  {
    subject: 'balance sheet of another symbol',
    path: BALANCE_SHEET,
    place: /^\$\.symbol$/,
    name: /^(?:a word|absent|null|empty text|an? (?:list|object))$/,
  },
  { subject: 'figure that is absent', path: OVERVIEW, place: FIGURE, name: /^absent$/ },
  { subject: 'figure that is no number', path: OVERVIEW, place: FIGURE, name: NO_NUMBER },
  {
    subject: 'figure of another unit',
    isOfStored: true,
    path: OVERVIEW,
    // the forward ratio is only used without a trailing one
    place: USED_FIGURE,
    name: /^times (?:100|0\.01)$/,
  },
  { subject: 'fund with the figures of a company', path: OVERVIEW, place: /\.AssetType$/, name: /^a fund$/ },
  { subject: 'quarter that is no day of the past', path: OVERVIEW, place: /\.LatestQuarter$/, name: NO_DAY },
  {
    subject: 'balance sheets of days to come',
    path: BALANCE_SHEET,
    place: /^\$\.\*$/,
    name: /^all times \+1 y$/,
  },
  {
    subject: 'list of balance sheets that is absent',
    path: BALANCE_SHEET,
    place: /^\$\.(?:quarterly|annual)Reports$/,
    name: /^(?:absent|null|an object)$/,
  },
  {
    subject: 'newest balance sheet of no day',
    path: BALANCE_SHEET,
    place: /^\$\.quarterlyReports\[0\]\.fiscalDateEnding$/,
    name: /^(?:0000-00-00|2026-02-30|with a time|of the other order|a word|absent|null|\+1 y|9999-12-31)$/,
  },
  { subject: 'amount that is absent', path: BALANCE_SHEET, place: AMOUNT, name: /^absent$/ },
  { subject: 'amount that is no number', path: BALANCE_SHEET, place: AMOUNT, name: NO_NUMBER },
  {
    subject: 'assets or liabilities below 0',
    path: BALANCE_SHEET,
    place: /quarterlyReports\[0\]\.totalCurrent(?:Assets|Liabilities)$/,
    name: /^(?:times -1|-1 as text)$/,
  },
  {
    subject: 'amount of another unit',
    isOfStored: true,
    path: BALANCE_SHEET,
    place: AMOUNT,
    name: /^times (?:100|0\.01)$/,
  },
]

/** What a reader of observations must not believe. */
const OBSERVATIONS = /series\/observations\?units=/
const NO_TEXT = /^(?:a word|absent|null|empty text|an? (?:list|object))$/
const OBSERVATION_CONTRADICTIONS: readonly Contradiction[] = [
  {
    subject: 'answer to another question',
    path: OBSERVATIONS,
    place: /^\$\.(?:units|file_type|sort_order)$/,
    name: NO_TEXT,
  },
  { subject: 'answer of another size', path: OBSERVATIONS, place: /^\$\.limit$/, name: NO_TEXT },
  {
    subject: 'observations of days to come',
    path: OBSERVATIONS,
    place: /^\$(?:\.observations)?(?:\.\*)?$/,
    name: /^all times \+1 y$/,
  },
  {
    subject: 'observation of no day',
    path: OBSERVATIONS,
    place: /\.date$/,
    name: /^(?:0000-00-00|9999-12-31|2026-02-30|2026-11-31|\+1 y|with a time|of the other order|a word|absent|null)$/,
  },
  {
    subject: 'observation of no month',
    path: /series\/observations\?units=pc1$/,
    place: /\.date$/,
    name: /^[+-]1 d$/,
  },
  { subject: 'observation that is no number', path: OBSERVATIONS, place: /\.value$/, name: NO_NUMBER },
]

/** Values that are not the id of the bent row. */
const ANOTHER_ID = /^(?:a word|absent|null|empty text|an? (?:list|object)|0|-1|times .*|.*20 digits.*)$/

/** What a reader of check-in data must not believe. */
const CHECK_IN_CONTRADICTIONS: readonly Contradiction[] = [
  {
    subject: 'detail of another project',
    path: /\/checkins\/\*$/,
    place: /\.checkin_id$/,
    name: ANOTHER_ID,
  },
  {
    subject: 'statistics of another day',
    path: /statistics\/daily$/,
    place: /\.date$/,
    name: /^(?:0000-00-00|1970-01-01|9999-12-31|2026-02-30|2026-11-31|[+-](?:1 d|30 d|1 y)|of the other order|a word)$/,
  },
  {
    subject: 'more members who completed than members',
    path: /\/statistics$/,
    place: /\.completed_count$/,
    name: /^more than all members$/,
  },
  {
    subject: 'more active members than check-ins',
    path: /statistics\/daily$/,
    place: /\.active_users$/,
    name: /^more than all check-ins$/,
  },
  {
    subject: 'a row twice',
    path: /\/checkins(?:$|\/)/,
    place: /\.(?:checkins|ranking_list|topics)$/,
    name: /^(?:doubled|row \d+ (?:twice|named as another))$/,
  },
  {
    subject: 'a row that is none',
    path: /\/checkins(?:$|\/)/,
    place: /\.(?:checkins|ranking_list|topics)$/,
    name: /^row \d+ is /,
  },
  {
    subject: 'a row of no id',
    path: /\/(?:checkins|topics|ranking_list)$/,
    place: /\.checkin_id$|\.topic_uid$|ranking_list\[\d+\]\.user\.user_id$/,
    name: /^(?:a word|an? (?:list|object)|-1|true)$/,
  },
]

/** What two members of one response, or of two responses of one provider, say of each other. */
export const CONTRADICTIONS: readonly Contradiction[] = [
  { subject: 'window against the clock', path: /ticker\/24hr$/, place: /\.closeTime$/, name: FAR },
  { subject: 'quote against the clock', path: /premiumIndex$/, place: /\.time$/, name: FAR },
  {
    subject: 'quote against the clock',
    path: /funding-rate$|v5\/market\/tickers$/,
    place: /\.ts$/,
    name: FAR,
  },
  { subject: 'quote against the clock', path: /v5\/market\/tickers$/, place: /^\$\.time$/, name: FAR },
  { subject: 'bars against the clock', path: /klines$/, place: /\$\.\*$/, name: /^all times/ },
  { subject: 'bar against the grid', path: /klines$/, place: /\]\[[06]\]$/, name: /^[+-]/ },
  { subject: 'open outside of its bar', path: /klines$/, place: /\]$/, name: /^1 is (?:0\.5|2) of [234]$/ },
  { subject: 'high below its bar', path: /klines$/, place: /\]$/, name: /^2 is 0\.5 of [134]$/ },
  { subject: 'low above its bar', path: /klines$/, place: /\]$/, name: /^3 is 2 of [124]$/ },
  { subject: 'close outside of its bar', path: /klines$/, place: /\]$/, name: /^4 is (?:0\.5|2) of [123]$/ },
  {
    subject: 'bid above ask',
    path: /tickers?(?:\/24hr)?$/,
    place: /./,
    name: /^bid\d?P\w* is 2 of ask\d?P\w*$|^ask\d?P\w* is 0\.5 of bid\d?P\w*$/,
  },
  {
    subject: 'articles against the clock',
    path: /v2\/doc\/doc$|v2\/everything$/,
    place: /^\$(?:\.articles)?(?:\.\*)?$/,
    name: /^all times (?:\+(?:1 h|4 h|1 d|1 y)|-(?:25 h|30 d|1 y))$/,
  },
  ...BAR_CONTRADICTIONS,
  ...FUNDAMENTAL_CONTRADICTIONS,
  ...OBSERVATION_CONTRADICTIONS,
  ...CHECK_IN_CONTRADICTIONS,
  {
    subject: 'bars of another symbol',
    path: DAILY_BARS,
    place: /(?:meta\.|2\. )symbol$/i,
    name: /^(?:a word|absent|null|empty text|an? (?:list|object))$/,
  },
  {
    subject: 'bars of another interval',
    path: DAILY_BARS,
    place: /\.dataGranularity$/,
    name: /^(?:a word|absent|null|empty text|an? (?:list|object))$/,
  },
  {
    subject: 'bars in another currency',
    isOfStored: true,
    path: DAILY_BARS,
    place: /\.currency$/,
    name: /^(?:a word|in capitals|an? (?:list|object))$/,
  },
  {
    subject: 'bars of days to come',
    path: DAILY_BARS,
    place: /^\$\.Time Series \(Daily\)\.\*$|\.timestamp\.\*$/,
    name: /^all times \+(?:1 d|1 y)$/,
  },
  {
    subject: 'a day to come',
    path: DAILY_BARS,
    place: /^\$\.Time Series \(Daily\)\./,
    name: /^date (?:\+1 y|9999-12-31|0000-00-00|2026-02-30|with a time)$/,
  },
  {
    subject: 'prices of another unit',
    isOfStored: true,
    path: DAILY_BARS,
    place: /./,
    name: /^(?:all )?prices times /,
  },
  {
    subject: 'mark against last',
    path: /public\/mark-price$/,
    place: /\.markPx$/,
    name: /^times (?:10|100|0\.1|0\.01|1000)$/,
  },
  {
    subject: 'last against mark',
    path: /market\/tickers$/,
    place: /\.(?:last|lastPrice)$/,
    name: /^times (?:10|100|0\.1|0\.01|1000)$/,
  },
]
