const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})'
const MONTH = '(?<month>[A-Z][a-z]{2})'
const SHORT_DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'

const IMF_FIXDATE = new RegExp(`^${SHORT_DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`)
const RFC_850 = new RegExp(`^${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT$`)
const ASCTIME = new RegExp(`^${SHORT_DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`)

/** Index of a month as `Date.UTC` numbers it. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The time of an HTTP date in any of its three forms: IMF-fixdate, RFC 850 and asctime. A two-digit year that would be
 * more than 50 years in the future is the last one in the past with these digits. The name of the day is not compared
 * with the date.
 *
 * @param now - milliseconds since the epoch, for a two-digit year
 * @returns milliseconds since the epoch; `undefined` for any other text and for a date that does not exist
 * @see RFC 9110, section 5.6.7
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const match = IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text)
  if (!match?.groups) return undefined
  // the type is certain: every form has these groups
  const groups = match.groups as unknown as DateGroups
  const year = Number(groups.year)
  if (groups.year.length === 4) return timeOf(groups, year)
  const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100
  const inCentury = (first: number) => timeOf(groups, first + year)
  const candidates = [inCentury(century + 100), inCentury(century), inCentury(century - 100)]
  const latest = new Date(now).setUTCFullYear(new Date(now).getUTCFullYear() + 50)
  return candidates.find((at) => at !== undefined && at <= latest)
}

type DateGroups = Readonly<Record<'day' | 'month' | 'year' | 'hour' | 'minute' | 'second', string>>

function timeOf(groups: DateGroups, year: number): number | undefined {
  const month = MONTHS.indexOf(groups.month)
  const [day, hour, minute] = [Number(groups.day), Number(groups.hour), Number(groups.minute)]
  const second = Number(groups.second)
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const startOfDay = new Date(Date.UTC(year, month, day))
  if (startOfDay.getUTCMonth() !== month || startOfDay.getUTCDate() !== day) return undefined
  // a leap second is the first second of the next minute
  return Date.UTC(year, month, day, hour, minute, second)
}
