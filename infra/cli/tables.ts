/** Columns for people: each as wide as its longest cell. `-` stands for nothing. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const texts = [header, ...rows.map((row) => row.map(cell))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  return texts
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
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
