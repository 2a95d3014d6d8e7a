/** A number that a body has as a number or as decimal text; `null` where it has none. */
type Figure = number | null

/** One line of a chart: what it is called, and its figures, one for each time. */
export interface Line {
  readonly name: string
  readonly figures: readonly Figure[]
}

/** How a body is drawn. */
export type Chart =
  /** Figures over time; `times` are seconds since the epoch, ascending. */
  | { readonly kind: 'series'; readonly times: readonly number[]; readonly lines: readonly Line[] }
  /** One rate each, above or below zero. */
  | { readonly kind: 'rates'; readonly member: string; readonly rows: readonly Named[] }
  /** Scores from 0 to 100. */
  | { readonly kind: 'scores'; readonly rows: readonly Named[] }
  | { readonly kind: 'none' }

interface Named {
  readonly name: string
  readonly value: number
}

type Row = Readonly<Record<string, unknown>>

const TIME_NAME = /(?:^|_)(?:at|time|date|day|timestamp|as_of|seen_on)$|_time$|Time$/
const SCORE_NAME = /(?:^|_)score$/
const RATE_NAME = /(?:^|_)(?:rate|change|return)(?:_|$)|percent(?!ile)/i
const DECIMAL = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i

/** Lines that are considered for a chart; the table has all figures. */
const MAX_LINES = 12
const MAX_ROWS = 40

/** Chooses the chart of a body by its members: figures over time, else scores, else rates, else none. */
export function chartOf(body: unknown): Chart {
  const data = dataOf(body)
  const lists = listsOf(data)
  for (const rows of lists) {
    const series = seriesOf(rows)
    if (series) return series
  }
  const scores = scoresOf(data)
  if (scores.length > 0) return { kind: 'scores', rows: scores }
  for (const rows of lists) {
    const rates = ratesOf(rows)
    if (rates) return rates
  }
  return { kind: 'none' }
}

/** The data of a response, without its envelope. */
export function dataOf(body: unknown): unknown {
  return isRow(body) && 'data' in body ? body['data'] : body
}

/** The lists of records in a body, the outer ones first. */
export function listsOf(value: unknown, depth = 0): readonly (readonly Row[])[] {
  if (depth > 4) return []
  if (Array.isArray(value)) {
    const rows = value.filter(isRow)
    return rows.length > 0 && rows.length === value.length ? [rows] : []
  }
  if (!isRow(value)) return []
  const members = Object.values(value)
  if (isKeyedRecords(members)) return [members]
  return members.flatMap((member) => listsOf(member, depth + 1))
}

/** Whether the members of an object are records of one kind, by their keys: `{ "BTC": { … }, "ETH": { … } }`. */
function isKeyedRecords(members: readonly unknown[]): members is readonly Row[] {
  const [first, ...others] = members
  if (others.length === 0 || !isRow(first)) return false
  const names = Object.keys(first).join()
  return others.every((member) => isRow(member) && Object.keys(member).join() === names)
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function seriesOf(rows: readonly Row[]): Chart | undefined {
  const [first] = rows
  if (!first || rows.length < 2) return undefined
  const timeName = Object.keys(first).find(
    (name) => TIME_NAME.test(name) && rows.every((row) => secondsOf(row[name]) !== undefined),
  )
  if (timeName === undefined) return undefined
  const timed = rows
    .map((row) => ({ row, at: secondsOf(row[timeName]) ?? 0 }))
    .toSorted((a, b) => a.at - b.at)
  // records of one moment are a list, not a course of time
  if (new Set(timed.map(({ at }) => at)).size < timed.length) return undefined
  const names = Object.keys(first).filter(
    (name) =>
      name !== timeName &&
      !TIME_NAME.test(name) &&
      timed.some(({ row }) => figureOf(row[name]) !== null) &&
      timed.every(({ row }) => row[name] === null || figureOf(row[name]) !== null),
  )
  if (names.length === 0) return undefined
  const lines = names
    .slice(0, MAX_LINES)
    .map((name) => ({ name, figures: timed.map(({ row }) => figureOf(row[name])) }))
  return { kind: 'series', times: timed.map(({ at }) => at), lines }
}

/** Seconds since the epoch of a date, an instant, or a number of seconds or milliseconds of this century. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)) {
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? undefined : ms / 1_000
  }
  if (typeof value !== 'number' || value < 946_684_800 || value > 4_102_444_800_000) return undefined
  return value > 100_000_000_000 ? value / 1_000 : value
}

function figureOf(value: unknown): Figure {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : null
}

/** The scores of a record and of those in it, by their names. */
function scoresOf(value: unknown, prefix = ''): readonly Named[] {
  if (!isRow(value)) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const figure = SCORE_NAME.test(name) ? figureOf(member) : null
    const label = prefix === '' ? name : `${prefix}.${name}`
    if (figure !== null && figure >= 0 && figure <= 100) return [{ name: label, value: figure }]
    return scoresOf(member, label)
  })
}

function ratesOf(rows: readonly Row[]): Chart | undefined {
  const [first, second] = rows
  if (!first || !second) return undefined
  const member = Object.keys(first).find(
    (name) => RATE_NAME.test(name) && rows.some((row) => figureOf(row[name]) !== null),
  )
  const label = Object.keys(first).find(
    (name) => typeof first[name] === 'string' && figureOf(first[name]) === null,
  )
  if (member === undefined || label === undefined) return undefined
  const named = rows.flatMap((row) => {
    const value = figureOf(row[member])
    return value === null ? [] : [{ name: String(row[label]), value }]
  })
  const largest = named.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, MAX_ROWS)
  return { kind: 'rates', member, rows: largest }
}

/** The values of a parameter that a body suggests: the members of its records with that name; `symbols` gets a `symbol`. */
export function suggestions(body: unknown, parameter: string): readonly string[] {
  const names = [parameter, parameter.replace(/s$/, ''), `project_${parameter}`]
  const found = listsOf(dataOf(body)).flatMap((rows) =>
    rows.flatMap((row) => {
      const name = names.find((each) => typeof row[each] === 'string')
      return name === undefined ? [] : [String(row[name])]
    }),
  )
  return [...new Set(found)]
}
