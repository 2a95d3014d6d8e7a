import type { Dataset } from '../dataset.ts'
import type { FieldType, RecordType } from '../sample/field-type.ts'
import { Imports, literal, property } from './code.ts'
import { isNullable } from './fields.ts'
import { withKey } from './set-refresh.ts'
import { entryPath } from './views.ts'

/** `schema.ts`: the response body of the route. Each member is described by the name that the provider has for it. */
export function schemaFile(dataset: Dataset): string {
  const { key, readPath, type } = dataset
  const record = recordSchema(key ? withKey({ ...dataset, key }) : type)
  const imports = new Imports()
  imports.addAll('zod', 'z')
  imports.add('#functions/runtime/envelope-schemas.ts', 'enveloped')
  const fields = ['day', 'decimal', 'flag', 'instant', 'text'].filter((name) =>
    new RegExp(`\\b${name}\\(`).test(record),
  )
  const names = [...fields, ...(key ? ['degraded', 'instant', 'text'] : [])]
  if (names.length > 0) imports.add('#functions/runtime/field-schemas.ts', ...names)
  const data = key
    ? `z.array(
      z.strictObject({
        key: text('the key of the entry'),
        as_of: instant('time of the entry at its source'),
        fetched_at: instant('when the entry was published'),
        checked_at: instant('when its source last confirmed the entry'),
        degraded,
        data: record.describe('the entry'),
      }),
    ).describe('the entries')`
    : "record.describe('the record')"
  const entry = key
    ? `${literal(entryPath(dataset, key))}: enveloped('plain', record.describe('the entry')),`
    : ''
  return `${imports.text()}

// Confirm: the meaning of each member, and its unit, as in decimal('price of the last trade, in USD')
const record = ${record}

/** Response bodies of the job's routes, by path. */
export const schemas = {
  ${literal(readPath)}: enveloped('plain', ${data}),
  ${entry}
}
`
}

function recordSchema({ members }: RecordType): string {
  const lines = members.map((member) => {
    const code = valueSchema(member.type, literal(member.name))
    return `${property(member.served)}: ${isNullable(member) ? `${code}.nullable()` : code},`
  })
  return `z.strictObject({\n${lines.join('\n')}\n})`
}

/** @param about - the code of a text that describes the value */
function valueSchema(type: FieldType, about: string): string {
  switch (type.kind) {
    case 'figure':
      return `decimal(${about})`
    case 'whole':
      return `z.int().describe(${about})`
    case 'instant':
      return `instant(${about})`
    case 'date':
      return `day(${about})`
    case 'symbol':
    case 'word':
    case 'label':
      return `text(${about})`
    case 'text':
      return `z.string().max(${type.maxLength}).describe(${about})`
    case 'address':
      return `z.url().describe(${about})`
    case 'flag':
      return `flag(${about})`
    case 'list': {
      const row = `${valueSchema(type.of, about)}${type.of.kind === 'address' ? '.nullable()' : ''}`
      return `z.array(${row}).describe(${about})`
    }
    case 'record':
      return `${recordSchema(type)}.describe(${about})`
    default:
      return type satisfies never
  }
}
