import { DAY_MS } from '#shared/domain/duration.ts'
import type { Dataset } from '../dataset.ts'
import type { FieldType, Instant, Member, RecordType } from '../sample/field-type.ts'
import { access, type Imports, numberCode, property } from './code.ts'

const FIELDS = '#shared/upstreams/fields.ts'
const BOUNDED_FIELDS = '#shared/upstreams/bounded-fields.ts'
const ZOD = 'zod/mini'

/** Code that reads and serves the fields of one dataset. It collects the imports that the code needs, and the bounds. */
export class FieldCode {
  readonly #imports: Imports
  readonly #sampleAt: number
  readonly #own: Instant | undefined
  /** The bounds that are assumed, as members of one object. */
  readonly bounds: string[] = []

  constructor({ ownTime, sampleAt }: Pick<Dataset, 'ownTime' | 'sampleAt'>, imports: Imports) {
    this.#imports = imports
    this.#sampleAt = sampleAt ?? 0
    this.#own =
      ownTime.of === 'answer' ? ownTime.time.type : ownTime.of === 'record' ? ownTime.type : undefined
  }

  /** The schema of a record: `z.object({ symbol: symbol() })`. */
  schema({ members }: RecordType, name = ''): string {
    this.#imports.addAll(ZOD, 'z')
    const lines = members.map((member) => {
      const path = name === '' ? member.served : `${name}_${member.served}`
      const code = this.type(member.type, path)
      return `${property(member.name)}: ${member.nullable ? `${this.#field('orNull')}(${code})` : code},`
    })
    return `z.object({\n${lines.join('\n')}\n})`
  }

  /** The field type of a value. @param name - of its bounds */
  type(type: FieldType, name: string): string {
    switch (type.kind) {
      case 'figure':
        return `${this.#field('figure')}('${type.form}', ${this.#boundsOf(name, boundsCode(type.bounds))})`
      case 'whole':
        return `${this.#bounded('whole')}(${this.#boundsOf(name, boundsCode(type.bounds))})`
      case 'instant':
        return this.#instant(type, name)
      case 'date':
        return `${this.#field('calendarDate')}()`
      case 'symbol':
      case 'word':
      case 'label':
        return `${this.#field(type.kind)}()`
      case 'address':
        return `${this.#bounded('address')}()`
      case 'text':
        return `${this.#bounded('longText')}(${numberCode(type.maxLength)})`
      case 'flag':
        this.#imports.addAll(ZOD, 'z')
        return 'z.boolean()'
      case 'list':
        this.#imports.addAll(ZOD, 'z')
        return `z.array(${this.type(type.of, name)})`
      case 'record':
        return this.schema(type, name)
      default:
        return type satisfies never
    }
  }

  #instant(type: Instant, name: string): string {
    const window = this.#window(type, name)
    if (type.unit === 'iso') return `${this.#bounded('isoInstant')}({ now, ...${window} })`
    return `${this.#field('instant')}({ form: '${type.form}', unit: '${type.unit}', now, ...${window} })`
  }

  /** The time of the data is recent; the window of another one follows from the sample. */
  #window(type: Instant, name: string): string {
    const oldest = Math.min(...type.values)
    if (type === this.#own && this.#sampleAt - oldest <= DAY_MS / 2) return this.#field('RECENT')
    const days = (ms: number) => Math.ceil((MARGIN * Math.max(0, ms)) / DAY_MS)
    const past = Math.max(1, days(this.#sampleAt - oldest))
    const ahead = type === this.#own ? 0 : days(Math.max(...type.values) - this.#sampleAt)
    this.#imports.add('#shared/domain/duration.ts', 'DAY_MS')
    if (ahead === 0) this.#imports.add('#shared/domain/duration.ts', 'MINUTE_MS')
    const aheadCode = ahead === 0 ? `${AHEAD_MINUTES} * MINUTE_MS` : daysCode(ahead)
    return this.#boundsOf(name, `{ maxPastMs: ${daysCode(past)}, maxAheadMs: ${aheadCode} }`)
  }

  #boundsOf(name: string, code: string): string {
    this.bounds.push(`${property(name)}: ${code},`)
    return access('BOUNDS', name)
  }

  #field(name: string): string {
    this.#imports.add(FIELDS, name)
    return name
  }

  #bounded(name: string): string {
    this.#imports.add(BOUNDED_FIELDS, name)
    return name
  }
}

/** Factor between the distance of a time from that of the sample, and what is assumed for it. */
const MARGIN = 10

/** Clocks differ. */
const AHEAD_MINUTES = 5

function daysCode(days: number): string {
  return days === 1 ? 'DAY_MS' : `${numberCode(days)} * DAY_MS`
}

function boundsCode({ min, max }: { readonly min: number; readonly max: number }): string {
  return `{ min: ${numberCode(min)}, max: ${max === Number.MAX_SAFE_INTEGER ? 'Number.MAX_SAFE_INTEGER' : numberCode(max)} }`
}

/** The served form of a record: `{ price: row.price, updated_at: isoSeconds(row.updatedAt) }`. */
export function servedRecord({ members }: RecordType, object: string, imports: Imports): string {
  const lines = members.map((member) => {
    const value = access(object, member.name)
    const code = servedValue(member.type, value, imports)
    const isPlain = code === value
    return `${property(member.served)}: ${isNullable(member) && !isPlain ? `${value} === null ? null : ${code}` : code},`
  })
  return `{\n${lines.join('\n')}\n}`
}

function servedValue(type: FieldType, value: string, imports: Imports): string {
  switch (type.kind) {
    case 'instant': {
      const format = hasMilliseconds(type) ? 'isoText' : 'isoSeconds'
      imports.add('#shared/domain/time.ts', format)
      return `${format}(${value})`
    }
    case 'list': {
      const inner = servedValue(type.of, 'entry', imports)
      if (inner === 'entry') return value
      return `${value}.map((entry) => ${type.of.kind === 'record' ? `(${inner})` : inner})`
    }
    case 'record':
      return servedRecord(type, value, imports)
    default:
      return value
  }
}

/** Whether times are served with milliseconds: the sample has some. */
export function hasMilliseconds({ values }: Instant): boolean {
  return values.some((at) => at % 1_000 !== 0)
}

/** Whether the parsed value may be `null`: it may be absent, or is a link that may not be shown. */
export function isNullable({ nullable, type }: Member): boolean {
  return nullable || type.kind === 'address'
}

/** Whether a record is degraded, as code: it is while a member of it, at any depth, is absent. */
export function degradedCode(record: RecordType, object: string): string {
  const tests = nullTests(record, object)
  return tests.length === 0 ? 'false' : tests.join(' || ')
}

function nullTests(type: FieldType, value: string): string[] {
  switch (type.kind) {
    case 'address':
      return [`${value} === null`]
    case 'list': {
      const inner = nullTests(type.of, 'entry')
      return inner.length === 0 ? [] : [`${value}.some((entry) => ${inner.join(' || ')})`]
    }
    case 'record':
      return type.members.flatMap((member) => {
        const inner = access(value, member.name)
        const own = member.nullable && member.type.kind !== 'address' ? [`${inner} === null`] : []
        return [...own, ...nullTests(member.type, inner)]
      })
    default:
      return []
  }
}
