import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/domain/duration.ts'
import { plainDecimal } from '#shared/domain/json.ts'
import { isoSeconds, isoText } from '#shared/domain/time.ts'
import { jsonResponse, type SimulatedProvider } from './provider.ts'
import { drift } from './seeded-values.ts'

/** How a provider writes a time, as a number or as text. */
type TimeForm = 's' | 'ms' | 'iso' | 'date'

/**
 * A sample of a provider's answers, and what moves in it. A place such as `data.*.price` has `*` for any row or name; a point
 * within a name is written `\.`.
 */
interface SampleSpec {
  /** Path of the calls that it answers, below the provider's base URL. */
  readonly path: string
  /** Query parameters that a call must have: a provider may have one path for everything. */
  readonly query?: Readonly<Record<string, string>>
  readonly sample: unknown
  /** Places of the figures that move: those of a row together, so that they still agree with each other. */
  readonly figures: readonly string[]
  /** Places of times, with their forms. */
  readonly times?: Readonly<Record<string, TimeForm>>
  /** The newest time of the sample, in ISO 8601: in an answer it is the time of the call, and the other times move with it. */
  readonly sampleAt?: string
  /** The place of the rows that come on two pages, the place of the cursor, and the query parameter that has it. */
  readonly pages?: { readonly rows: string; readonly cursor: string; readonly parameter: string }
}

/** An answer changes once in this time. */
const STEP_MS = MINUTE_MS

/** Share by which figures move around those of the sample. */
const AMPLITUDE = 0.02

type Segments = readonly string[]

/** What moves in a sample, at one moment. */
interface Moves {
  readonly figures: readonly Segments[]
  readonly times: readonly (readonly [place: Segments, form: TimeForm])[]
  readonly factorOf: (name: string) => number
  readonly shiftMs: number
}

/** A provider that plays a sample: its figures move a little, its times with the clock. Other calls answer 404. */
export function playedSample({
  path,
  query = {},
  sample,
  figures,
  times = {},
  sampleAt,
  pages,
}: SampleSpec): SimulatedProvider {
  const figurePlaces = figures.map(segmentsOf)
  const timePlaces = Object.entries(times).map(([place, form]) => [segmentsOf(place), form] as const)
  const parameters = Object.entries(query)
  return (seed, now, calledPath, calledQuery) => {
    const isPlayed =
      calledPath === path && parameters.every(([name, value]) => calledQuery.get(name) === value)
    if (!isPlayed) return jsonResponse(404, { error: `no simulation of ${calledPath}` })
    const at = Math.floor(now / STEP_MS) * STEP_MS
    const moves: Moves = {
      figures: figurePlaces,
      times: timePlaces,
      factorOf: (name) => drift(seed, name, AMPLITUDE, at / HOUR_MS),
      shiftMs: sampleAt === undefined ? 0 : at - Date.parse(sampleAt),
    }
    const body = moved(sample, [], moves)
    return jsonResponse(200, pages ? pageOf(body, pages, calledQuery.get(pages.parameter) !== null) : body)
  }
}

/** A provider whose calls are answered by one, and those that it answers with 404 by another. */
export function joinedProviders(first: SimulatedProvider, others: SimulatedProvider): SimulatedProvider {
  return (...call) => {
    const answer = first(...call)
    return answer.status === 404 ? others(...call) : answer
  }
}

function segmentsOf(place: string): Segments {
  return place === '' ? [] : place.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'))
}

function moved(value: unknown, at: Segments, moves: Moves): unknown {
  if (Array.isArray(value)) return value.map((each, index) => moved(each, [...at, String(index)], moves))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, moved(each, [...at, name], moves)]),
    )
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return value
  const time = moves.times.find(([place]) => isAt(place, at))
  if (time) return movedTime(value, time[1], moves.shiftMs)
  const figure = moves.figures.find((place) => isAt(place, at))
  return figure ? movedFigure(value, moves.factorOf(rowName(figure, at))) : value
}

function isAt(place: Segments, at: Segments): boolean {
  return (
    place.length === at.length && place.every((segment, index) => segment === '*' || segment === at[index])
  )
}

/** The figures of one row have one name: the part of their place up to the last `*`. */
function rowName(place: Segments, at: Segments): string {
  return at.slice(0, place.lastIndexOf('*') + 1).join('.')
}

const MIN_DIGITS = 4

/** In the form of the sample, with as many decimals. */
function movedFigure(value: string | number, factor: number): string | number {
  const result = Number(value) * factor
  if (typeof value === 'string') {
    const plain = /e/i.test(value) ? plainDecimal(value) : value
    return result.toFixed(plain?.split('.')[1]?.length ?? 0)
  }
  if (Number.isInteger(value)) return Math.round(result)
  return Number(result.toPrecision(Math.max(MIN_DIGITS, String(value).replaceAll(/\D/g, '').length)))
}

/** In the form of the sample: a text stays one. */
function movedTime(value: string | number, form: TimeForm, shiftMs: number): string | number {
  switch (form) {
    case 's':
    case 'ms': {
      const epoch = Number(value) + Math.round(shiftMs / (form === 's' ? 1_000 : 1))
      return typeof value === 'string' ? String(epoch) : epoch
    }
    case 'iso': {
      const at = Date.parse(String(value)) + shiftMs
      return String(value).includes('.') ? isoText(at) : isoSeconds(at)
    }
    case 'date': {
      const days = Math.floor(shiftMs / DAY_MS)
      return isoText(Date.parse(String(value)) + days * DAY_MS).slice(0, 10)
    }
    default:
      return form satisfies never
  }
}

/** The first half of the rows with a cursor, or the second half without. */
function pageOf(
  body: unknown,
  { rows, cursor }: NonNullable<SampleSpec['pages']>,
  isSecond: boolean,
): unknown {
  const halved = replacedAt(body, segmentsOf(rows), (list) => {
    const all = list as readonly unknown[]
    const half = Math.ceil(all.length / 2)
    return isSecond ? all.slice(half) : all.slice(0, half)
  })
  return replacedAt(halved, segmentsOf(cursor), (value) => (isSecond ? null : (value ?? 'next')))
}

function replacedAt(body: unknown, [name, ...rest]: Segments, replace: (value: unknown) => unknown): unknown {
  if (name === undefined) return replace(body)
  const members = body as Readonly<Record<string, unknown>>
  return { ...members, [name]: replacedAt(members[name], rest, replace) }
}
