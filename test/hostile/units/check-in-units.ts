import { DAY_MS, HOUR_MS } from '#shared/domain/duration.ts'
import { numberIn, oneOf, orNull, recentTime, textLike, type Unit, wholeIn } from './unit.ts'

const MOST = 1e9
const EARLIEST = Date.UTC(2015)
const ELEVEN_YEARS_MS = 11 * 366 * DAY_MS

const digits = textLike(/^\d{1,20}$/, 'an id of 1 to 20 digits')
const amount = orNull(wholeIn(0, MOST))
/** Days of check-ins: 27 years. */
const days = wholeIn(0, 10_000)
const line = (length: number) =>
  textLike(
    new RegExp(`^[^\\p{Cc}\\u2028\\u2029]{1,${length}}$`, 'u'),
    `a line of at most ${length} characters`,
  )
const paragraphs = textLike(
  /^(?:[^\p{Cc}\u202a-\u202e\u2066-\u2069]|[\n\t]){1,1000}$/u,
  'a text of at most 1000 characters',
)
const address = textLike(
  /^https?:\/\/[^\s\p{C}@/]+(?:\/[^\s\p{C}]*)?$/u,
  'an address of http or https without user info',
)

/** A time of a project or a topic: from 2015 on, and not in more than ten years. */
const plausibleTime: Unit = (value, { now }) => {
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)
  const time = isTime ? Date.parse(value) : Number.NaN
  return time >= EARLIEST && time <= now + ELEVEN_YEARS_MS ? undefined : 'an ISO time in seconds from 2015 on'
}

/** The present day in Shanghai, or one of the three days for which its statistics are kept. */
const shanghaiDay: Unit = (value, { now }) => {
  const days = [0, 1, 2, 3].map((age) =>
    new Date(now + 8 * HOUR_MS - age * DAY_MS).toISOString().slice(0, 10),
  )
  return days.includes(String(value)) ? undefined : `one of the days ${days.join(', ')}`
}

/** A number that a double has exactly, else its digits. */
const userId: Unit = (value) => {
  const isExact = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  const isLong =
    typeof value === 'string' && /^\d{16,20}$/.test(value) && !Number.isSafeInteger(Number(value))
  return isExact || isLong ? undefined : 'a safe whole number, or digits beyond 2^53'
}

/** The units of check-in data, where a name may have another meaning in other jobs. */
export const CHECK_IN_UNITS: Readonly<Record<string, Unit>> = {
  project_id: digits,
  missing: digits,
  title: orNull(line(200)),
  description: orNull(paragraphs),
  rules: orNull(paragraphs),
  // `ok` is that of the API
  status: orNull(oneOf('not_started', 'ongoing', 'closed', 'over', 'ok')),
  start_date: orNull(plausibleTime),
  end_date: orNull(plausibleTime),
  created_at: orNull(plausibleTime),
  cover_image: orNull(address),
  total_members: amount,
  total_checkins: amount,
  completed_members: amount,
  today_checkins: amount,
  new_members: amount,
  active_members: amount,
  continuous_days: orNull(days),
  continuous_rate: orNull(numberIn(0, 1)),
  avg_checkins_per_member: orNull(numberIn(0, MOST)),
  completion_rate: orNull(numberIn(0, 1)),
  form: oneOf('nested', 'flat'),
  date: shanghaiDay,
  type: oneOf('continuous', 'accumulated'),
  rank: wholeIn(1, MOST),
  days,
  total: wholeIn(0, 100),
  user_rank: oneOf(null),
  user_id: userId,
  name: orNull(line(100)),
  alias: orNull(line(100)),
  avatar: orNull(address),
  topic_id: digits,
  content: orNull(paragraphs),
  create_time: orNull(plausibleTime),
  user: oneOf(null),
  truncated: oneOf(true, false),
  cached_at: orNull(recentTime),
  service: oneOf('freshet'),
  version: textLike(/^\d+\.\d+\.\d+$/, 'a version'),
  pong: oneOf(true),
}

/** The keys of check-in data, from section 4 of their specification. */
export const CHECK_IN_KEY = textLike(
  /^zsxq:(?:projects:list:(?:ongoing|closed|over)|project:\d{1,20}:(?:info|stats|topics|leaderboard:(?:continuous|accumulated)|daily_stats:\d{4}-\d\d-\d\d))$/,
  'a key of a list of projects, or of data of one project',
)
