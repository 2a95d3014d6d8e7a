import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { Dataset } from '../dataset.ts'
import {
  type FieldType,
  hasInstant,
  type Instant,
  type RecordType,
  type SampleObject,
} from '../sample/field-type.ts'
import { isObject } from '../sample/infer.ts'
import { SCALAR_MEMBER } from '../sample/layout.ts'
import { type Imports, literal, numberCode, property, renamed } from './code.ts'
import { hasMilliseconds } from './fields.ts'
import { comparedCode, MAX_ROWS, valueBeyond, valueCode } from './sample-values.ts'

/** The fixture of a generated test: the first rows of the sample, with times relative to the clock of the test. */
export class Fixture {
  readonly #dataset: Dataset
  readonly #imports: Imports
  readonly #rows: readonly { readonly name: string; readonly record: SampleObject }[]

  constructor(dataset: Dataset, imports: Imports) {
    this.#dataset = dataset
    this.#imports = imports
    const { layout, key } = dataset
    this.#rows = layout.records.slice(0, MAX_ROWS).map((record, index) => ({
      record,
      name: layout.kind === 'map' ? (layout.keys[index] ?? '') : String(key ? record[key.name] : ''),
    }))
  }

  get rowCount(): number {
    return this.#rows.length
  }

  /** The call of the rows of the fixture. */
  get rows(): string {
    return this.#hasTimes ? 'rows(at)' : 'rows()'
  }

  /** The call of the body around records: those of the fixture by default. */
  answer(...args: readonly string[]): string {
    return `answer(${[...(this.#isTimed ? ['at'] : []), ...args].join(', ')})`
  }

  get #hasTimes(): boolean {
    return hasInstant(this.#dataset.type)
  }

  get #isTimed(): boolean {
    return this.#hasTimes || this.#dataset.ownTime.of === 'answer'
  }

  /** The functions `rows`, of a dataset with rows, and `answer`. */
  declaration(): string {
    const { key, layout, type, cursor } = this.#dataset
    const at = this.#isTimed ? ['at: number'] : []
    const about = this.#isTimed ? ' at a time, in milliseconds since the epoch' : ''
    if (!key) {
      const record = this.#recordCode(this.#rows[0]?.record ?? {}, type, '...changes')
      return `
/** A body of the provider${about}. */
const answer = (${[...at, 'changes: object = {}'].join(', ')}) => (${this.#bodyCode(record)})
`
    }
    const isMap = layout.kind === 'map'
    const rows = this.#rows.map(({ name, record }) =>
      isMap
        ? `{ ${property(key.name)}: ${literal(name)}, ${this.#recordCode(record, type).slice(1)}`
        : this.#recordCode(record, type),
    )
    const parameters = [...at, `list: readonly object[] = ${this.rows}`]
    if (cursor) parameters.push('cursor: string | null = null')
    return `
/** Rows of the provider${this.#hasTimes ? about : ''}. */
const rows = (${this.#hasTimes ? 'at: number' : ''}) => [${rows.join(', ')}]

const answer = (${parameters.join(', ')}) => (${this.#bodyCode(this.#listCode(key.name))})
`
  }

  /** The rows as the provider sends them: a list, or by key. */
  #listCode(keyName: string): string {
    const { layout } = this.#dataset
    if (layout.kind === 'list') return 'list'
    const [rest, row] = layout.isOfScalars ? [SCALAR_MEMBER, SCALAR_MEMBER] : ['...row', 'row']
    return `Object.fromEntries((list as ReturnType<typeof rows>).map(({ ${renamed(keyName, 'name')}, ${rest} }) => [name, ${row}]))`
  }

  /** The data that each record is served as, in the order of their keys: a few members. */
  expectedRecords(): { readonly name: string; readonly record: string }[] {
    return this.#rows
      .map(({ name, record }) => ({ name, record: comparedCode(record, this.#dataset.type) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** A member of the first row with a value beyond its bounds, as code; `served` is the place of that value. */
  beyondBounds(): { readonly served: string; readonly code: string } | undefined {
    const { members } = this.#dataset.type
    const first = this.#rows[0]?.record ?? {}
    for (const { name, served, type } of members) {
      const beyond = valueBeyond(type, first[name])
      if (!beyond) continue
      const code = `${property(name)}: ${this.#valueCode(beyond.value, type)}`
      return { served: [served, ...beyond.below].join('.'), code }
    }
    return undefined
  }

  /** The body around the records: what the parser and the classification need of it. */
  #bodyCode(records: string): string {
    const { layout, errorMember, ownTime, cursor, body } = this.#dataset
    const parts: { place: readonly string[]; code: string }[] = [{ place: layout.place, code: records }]
    if (errorMember && isObject(body) && layout.place.length > 0)
      parts.unshift({ place: [errorMember.name], code: valueCode(errorMember.success) })
    if (ownTime.of === 'answer')
      parts.push({ place: ownTime.time.place, code: this.#timeCode(ownTime.time.type, undefined) })
    if (cursor) parts.push({ place: cursor.place, code: 'cursor' })
    return objectCode(parts)
  }

  #recordCode(record: SampleObject, { members }: RecordType, ...more: readonly string[]): string {
    const lines = members.flatMap(({ name, type }) =>
      record[name] === undefined ? [] : [`${property(name)}: ${this.#valueCode(record[name], type)}`],
    )
    return `{ ${[...lines, ...more].join(', ')} }`
  }

  #valueCode(value: unknown, type: FieldType): string {
    if (value === null || value === '') return valueCode(value)
    if (type.kind === 'instant') return this.#timeCode(type, value)
    if (type.kind === 'list' && Array.isArray(value))
      return `[${value
        .slice(0, MAX_ROWS)
        .map((each) => this.#valueCode(each, type.of))
        .join(', ')}]`
    if (type.kind === 'record' && isObject(value)) return this.#recordCode(value, type)
    return valueCode(value)
  }

  /** A time as far from that of the test as the one of the sample is from the newest. @param value - of the sample */
  #timeCode({ unit, form, values }: Instant, value: unknown): string {
    const { sampleAt = 0 } = this.#dataset
    const epoch = value === undefined ? Math.max(...values) : epochOf(value, unit)
    const offset = Math.round((epoch - sampleAt) / MINUTE_MS) * MINUTE_MS
    const at = offset === 0 ? 'at' : `at ${offset < 0 ? '-' : '+'} ${numberCode(Math.abs(offset))}`
    if (unit === 'iso') {
      const format = hasMilliseconds({ kind: 'instant', unit, form, values }) ? 'isoText' : 'isoSeconds'
      this.#imports.add('#shared/domain/time.ts', format)
      return `${format}(${at})`
    }
    const code = unit === 's' ? (offset === 0 ? 'at / 1_000' : `(${at}) / 1_000`) : at
    return form === 'text' ? `String(${code})` : code
  }
}

function epochOf(value: unknown, unit: Instant['unit']): number {
  if (unit === 'iso') return Date.parse(String(value))
  return Number(value) * (unit === 's' ? 1_000 : 1)
}

/** An object with code at several places; records at the top are the object itself, with the other parts as members. */
function objectCode(parts: readonly { readonly place: readonly string[]; readonly code: string }[]): string {
  const own = parts.find(({ place }) => place.length === 0)
  const below = parts.filter(({ place }) => place.length > 0)
  if (own && below.length === 0) return own.code
  const names = [...new Set(below.map(({ place }) => place[0] ?? ''))]
  const members = names.map((name) => {
    const inner = below.filter(({ place }) => place[0] === name)
    return `${property(name)}: ${objectCode(inner.map(({ place, code }) => ({ place: place.slice(1), code })))}`
  })
  return `{ ${[...(own ? [`...${own.code}`] : []), ...members].join(', ')} }`
}
