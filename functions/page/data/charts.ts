/** A number that a body has as a number or as decimal text; `null` where it has none. */
type Figure = number | null

/** One line of a chart: what it is called, and its figures, one for each time. */
interface Line {
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
const SUBJECT_NAME = /(?:^|_)(?:symbol|name|title|id)$/
const SCORE_NAME = /(?:^|_)score$/
const RATE_NAME = /(?:^|_)(?:rate|change|return)(?:_|$)|percent(?!ile)/i
const DECIMAL = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i

/** Lines that are considered for a chart; the table has all figures. */
const MAX_LINES = 12
const MAX_ROWS = 40

/** Records within records are read to this depth. */
const MAX_DEPTH = 4

/** Chooses the chart of a body by its members: figures over time, else scores, else rates, else none. */
export function chartOf(body: unknown): Chart {
  const data = dataOf(body)
  const lists = listsOf(data)
  for (const { rows } of lists) {
    const series = seriesOf(rows)
    if (series) return series
  }
  const scores = scoresOf(data)
  if (scores.length > 0) return { kind: 'scores', rows: scores }
  for (const { rows } of lists) {
    const rates = ratesOf(rows)
    if (rates) return rates
  }
  return { kind: 'none' }
}

/** The data of a response, without its envelope. */
export function dataOf(body: unknown): unknown {
  return isRow(body) && 'data' in body ? body['data'] : body
}

/** A list of records, and where it is in the body: `history`, `inputs.events`; empty for the body itself. */
interface RecordList {
  readonly path: string
  readonly rows: readonly Row[]
}

/** The lists of records in a body, the outer ones first. */
export function listsOf(value: unknown, path = '', depth = 0): readonly RecordList[] {
  if (depth > MAX_DEPTH) return []
  if (Array.isArray(value)) {
    const rows = value.filter(isRow)
    return rows.length > 0 && rows.length === value.length ? [{ path, rows }] : []
  }
  if (!isRow(value)) return []
  const rows = keyedRecords(value)
  if (rows) return [{ path, rows }]
  return Object.entries(value).flatMap(([name, member]) =>
    listsOf(member, path === '' ? name : `${path}.${name}`, depth + 1),
  )
}

/**
 * The members of an object that are records of one kind: `{ "BTC": { … }, "ETH": { … } }`. Where a record does not have its
 * key as a member, the key comes first; `undefined` for any other object.
 */
function keyedRecords(value: Row): readonly Row[] | undefined {
  const entries = Object.entries(value).filter((entry): entry is [string, Row] => isRow(entry[1]))
  const names = new Set(entries.map(([, row]) => Object.keys(row).toSorted().join()))
  if (entries.length < 2 || entries.length < Object.keys(value).length || names.size > 1 || names.has(''))
    return undefined
  const isNamed = entries.every(([key, row]) => Object.values(row).includes(key))
  return entries.map(([key, row]) => (isNamed ? row : { key, ...row }))
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Figures over time. Records of one moment, and those of several symbols, are a list and not a course of time. */
function seriesOf(rows: readonly Row[]): Chart | undefined {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const isOfSeveral = columns.some((name) => SUBJECT_NAME.test(name) && countOf(rows, name) > 1)
  const timeName = columns.find((name) => TIME_NAME.test(name) && isCourse(rows, name))
  if (rows.length < 2 || isOfSeveral || timeName === undefined) return undefined
  const timed = rows
    .map((row) => ({ row, at: secondsOf(row[timeName]) ?? 0 }))
    .toSorted((a, b) => a.at - b.at)
  const lines = columns
    .filter((name) => !TIME_NAME.test(name) && !SUBJECT_NAME.test(name) && isFigures(rows, name))
    .map((name) => ({ name, figures: timed.map(({ row }) => figureOf(row[name])) }))
    .filter(({ figures }) => figures.filter((figure) => figure !== null).length > 1)
  if (lines.length === 0) return undefined
  return { kind: 'series', times: timed.map(({ at }) => at), lines: lines.slice(0, MAX_LINES) }
}

/** How many values a member has in records. */
function countOf(rows: readonly Row[], name: string): number {
  return new Set(rows.map((row) => row[name])).size
}

/** Whether each record has another time. */
function isCourse(rows: readonly Row[], name: string): boolean {
  const times = rows.map((row) => secondsOf(row[name]))
  return times.every((at) => at !== undefined) && new Set(times).size === rows.length
}

/** Whether a member is a figure wherever it has a value. */
function isFigures(rows: readonly Row[], name: string): boolean {
  const values = rows.map((row) => row[name] ?? null).filter((value) => value !== null)
  return values.length > 0 && values.every((value) => figureOf(value) !== null)
}

/** Seconds since the epoch of a date, an instant, or a number of seconds or milliseconds of this century. */
function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value)) {
    const ms = Date.parse(value)
    return Number.isNaN(ms) ? undefined : ms / 1_000
  }
  if (typeof value !== 'number') return undefined
  const seconds = value > 100_000_000_000 ? value / 1_000 : value
  return seconds >= 946_684_800 && seconds <= 4_102_444_800 ? seconds : undefined
}

function figureOf(value: unknown): Figure {
  const figure = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value
  return typeof figure === 'number' && Number.isFinite(figure) ? figure : null
}

/** The scores of a record and of those in it, by their names. */
function scoresOf(value: unknown, prefix = '', depth = 0): readonly Named[] {
  if (!isRow(value) || depth > MAX_DEPTH) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const figure = SCORE_NAME.test(name) ? figureOf(member) : null
    const label = prefix === '' ? name : `${prefix}.${name}`
    if (figure !== null && figure >= 0 && figure <= 100) return [{ name: label, value: figure }]
    return scoresOf(member, label, depth + 1)
  })
}

/** The first rate of records, by the text that names each of them best. */
function ratesOf(rows: readonly Row[]): Chart | undefined {
  const [first] = rows
  if (!first || rows.length < 2) return undefined
  const names = Object.keys(first)
  const member = names.find((name) => RATE_NAME.test(name) && isFigures(rows, name))
  const labels = names.filter((name) => !TIME_NAME.test(name) && isLabels(rows, name))
  const label = labels.find((name) => countOf(rows, name) === rows.length) ?? labels[0]
  if (member === undefined || label === undefined) return undefined
  const named = rows.flatMap((row) => {
    const value = figureOf(row[member])
    return value === null ? [] : [{ name: String(row[label]), value }]
  })
  const largest = named.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, MAX_ROWS)
  return { kind: 'rates', member, rows: largest }
}

/** Whether a member is a text in each record, and not always a figure. */
function isLabels(rows: readonly Row[], name: string): boolean {
  return rows.every((row) => typeof row[name] === 'string') && !isFigures(rows, name)
}

/**
 * The values of a parameter that a body suggests: the members of its records with that name, its singular, or a name that ends
 * with it. `symbols` gets a `symbol`, `id` a `project_id`.
 */
export function suggestions(body: unknown, parameter: string): readonly string[] {
  const values = listsOf(dataOf(body)).flatMap(({ rows }) =>
    rows.flatMap((row) => {
      const texts = Object.keys(row).filter((name) => typeof row[name] === 'string' && row[name] !== '')
      const name =
        texts.find((each) => each === parameter) ??
        texts.find((each) => each === parameter.replace(/s$/, '') || each.endsWith(`_${parameter}`))
      return name === undefined ? [] : [String(row[name])]
    }),
  )
  return [...new Set(values)]
}
