import { styleText } from 'node:util'

type Colour = 'green' | 'yellow' | 'red' | 'gray'

/** The colours of states and outcomes, by their words; other words have none. */
const COLOURS: Readonly<Record<string, Colour>> = {
  fresh: 'green',
  succeeded: 'green',
  unchanged: 'green',
  closed: 'green',
  running: 'yellow',
  stale: 'yellow',
  partial: 'yellow',
  pending: 'yellow',
  'half-open': 'yellow',
  paused: 'yellow',
  skipped: 'yellow',
  overdue: 'red',
  gone: 'red',
  failed: 'red',
  abandoned: 'red',
  missed: 'red',
  open: 'red',
  off: 'gray',
  'on-demand': 'gray',
}

/** Columns whose cells begin with a state. */
const STATE_COLUMNS = ['state', 'outcome', 'last run', 'breaker', 'skipped']

/**
 * A text that begins with a state, in the colour of that state: none without a terminal, or with `NO_COLOR`.
 */
export function stateText(text: string): string {
  const colour = COLOURS[/^[a-z-]+/.exec(text)?.[0] ?? '']
  return colour === undefined ? text : styleText(colour, text)
}

/** Columns for people: each as wide as its longest cell. `-` stands for nothing. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = [header, ...rows.map((row) => row.map(cell))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  return texts
    .map((row, index) =>
      row
        .map((text, column) => padded(text, column, index > 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')

  function padded(text: string, column: number, isCell: boolean): string {
    const padding = ' '.repeat((widths[column] ?? 0) - text.length)
    const isState = isCell && STATE_COLUMNS.includes(header[column] ?? '')
    return `${isState ? stateText(text) : text}${padding}`
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Names and values below each other. */
export function list(entries: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length))
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${cell(value)}`).join('\n')
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** A number of seconds in words: `3 minutes`. */
export function inWords(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [unit, size] = UNITS.find(([, each]) => whole >= each) ?? ['second', 1]
  const amount = Math.floor(whole / size)
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}

/** A time relative to now, in words: `in 4 minutes`, `2 hours ago`. */
export function relative(time: string | null | undefined, now = Date.now()): string {
  if (!time) return '-'
  const seconds = (Date.parse(time) - now) / 1_000
  return seconds >= 0 ? `in ${inWords(seconds)}` : `${inWords(-seconds)} ago`
}
