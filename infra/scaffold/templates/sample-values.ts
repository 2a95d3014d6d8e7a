import { ExactNumber, plainDecimal } from '#shared/domain/json.ts'
import type { FieldType, RecordType, SampleObject } from '../sample/field-type.ts'
import { isObject } from '../sample/infer.ts'
import { literal, numberCode, property } from './code.ts'

/** Rows of a fixture, and entries of each list in it. */
export const MAX_ROWS = 2

/** A value of the sample as a literal. */
export function valueCode(value: unknown): string {
  if (typeof value === 'string') return literal(value)
  if (value instanceof ExactNumber) return String(Number(value.source))
  if (typeof value === 'number') return numberCode(value)
  return JSON.stringify(value)
}

/** The value with its first figure beyond its bounds, and the served names that lead there. */
export function valueBeyond(
  type: FieldType,
  value: unknown,
): { readonly value: unknown; readonly below: readonly string[] } | undefined {
  if (type.kind === 'figure') {
    const { min, max } = type.bounds
    const beyond = min > 0 ? 0 : max * 10
    return { value: type.form === 'text' ? String(plainDecimal(String(beyond))) : beyond, below: [] }
  }
  if (type.kind !== 'record' || !isObject(value)) return undefined
  for (const member of type.members) {
    const inner = valueBeyond(member.type, value[member.name])
    if (inner)
      return { value: { ...value, [member.name]: inner.value }, below: [member.served, ...inner.below] }
  }
  return undefined
}

function hasFigure(type: FieldType): boolean {
  if (type.kind === 'record') return type.members.some((member) => hasFigure(member.type))
  return type.kind === 'list' ? hasFigure(type.of) : type.kind === 'figure'
}

/** Members that a test compares. */
const MAX_COMPARED = 4

/** The data that a record is served as, as code: a few members, those with figures first. */
export function comparedCode(record: SampleObject, { members }: RecordType): string {
  const comparable = members.filter(({ name, type }) => expectedCode(record[name], type) !== undefined)
  const preferred = comparable.toSorted((a, b) => Number(hasFigure(b.type)) - Number(hasFigure(a.type)))
  const compared = new Set(preferred.slice(0, MAX_COMPARED))
  return expectedRecord(record, { kind: 'record', members: comparable.filter((each) => compared.has(each)) })
}

/** The members that can be compared, as code. */
function expectedRecord(record: SampleObject, { members }: RecordType): string {
  const lines = members.flatMap(({ name, served, type }) => {
    const code = expectedCode(record[name], type)
    return code === undefined ? [] : [`${property(served)}: ${code}`]
  })
  return `{ ${lines.join(', ')} }`
}

/** The served form of a value; `undefined` for a time, which depends on the clock, and for a text that may be served otherwise. */
function expectedCode(value: unknown, type: FieldType): string | undefined {
  if (value === undefined || value === null || value === '') return 'null'
  switch (type.kind) {
    case 'figure': {
      const number = value instanceof ExactNumber ? Number(value.source) : value
      const decimal = plainDecimal(String(number))
      return decimal === undefined ? undefined : `'${decimal}'`
    }
    case 'whole':
    case 'flag':
    case 'symbol':
    case 'word':
    case 'date':
      return valueCode(value)
    case 'record':
      return isObject(value) ? expectedRecord(value, type) : undefined
    case 'list': {
      const codes = Array.isArray(value)
        ? value.slice(0, MAX_ROWS).map((each) => expectedCode(each, type.of))
        : [undefined]
      return codes.includes(undefined) ? undefined : `[${codes.join(', ')}]`
    }
    default:
      return undefined
  }
}
