const UNITS = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** A length of time in its largest unit, with the next one while it counts to less than ten: `2 h 5 min`, `44 min`. */
export function durationText(ms: number): string {
  const [large, small] = UNITS.slice(UNITS.findIndex((unit) => ms >= unit.ms))
  if (!large || ms < large.ms) return '0 s'
  const count = Math.floor(ms / large.ms)
  const rest = small ? Math.floor((ms % large.ms) / small.ms) : 0
  return `${count} ${large.name}${small && rest > 0 && count < 10 ? ` ${rest} ${small.name}` : ''}`
}

/** A time relative to another one: `3 min ago`, `in 12 s`, `now`. */
export function relativeText(at: number, now: number): string {
  const distance = Math.abs(at - now)
  if (distance < 1_000) return 'now'
  return at < now ? `${durationText(distance)} ago` : `in ${durationText(distance)}`
}

const HOUR_MS = 3_600_000

/**
 * A time in full, in a zone: `2026-11-29 08:33:00 UTC`. Hours that a change of clocks repeats have their offset too:
 * `2026-10-25 02:30:00 GMT+1 Europe/Berlin`.
 *
 * @param zone - IANA name; the reader's own by default
 */
export function absoluteText(at: number, zone?: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  })
  const text = format.format(at)
  const isRepeated = [-HOUR_MS, HOUR_MS].some((distance) => format.format(at + distance) === text)
  const name = zone ?? format.resolvedOptions().timeZone
  return `${text.replace(',', '')} ${isRepeated ? `${offsetText(at, zone)} ` : ''}${name}`
}

function offsetText(at: number, zone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' })
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** A time in full in the reader's zone, and in another one where that differs. */
export function bothTimes(at: number, zone?: string): string {
  const own = absoluteText(at)
  const there = zone === undefined ? own : absoluteText(at, zone)
  return own === there ? own : `${own}, ${there}`
}

/** Hours and minutes in a zone: `09:33`. */
export function clockText(at: number, zone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}
