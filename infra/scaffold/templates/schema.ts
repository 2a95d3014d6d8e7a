import type { Dataset } from '../dataset.ts'
import type { FieldType, RecordType } from '../sample/field-type.ts'
import { literal, property } from './code.ts'
import { isNullable } from './fields.ts'
import { withKey } from './set-refresh.ts'
import { entryPath } from './views.ts'

/** `schema.ts`: the response body of the route. */
export function schemaFile(dataset: Dataset): string {
  const { key, readPath, type } = dataset
  const record = recordSchema(key ? withKey({ ...dataset, key }) : type)
  const decimal = record.includes('decimal')
    ? `
// Confirm: the unit of each figure, as in decimal.describe('USD')
const decimal = z.string().regex(/^-?\\d+(\\.\\d+)?$/)
`
    : ''
  const data = key
    ? `z.array(
      z.strictObject({
        key: z.string(),
        as_of: time,
        fetched_at: time,
        checked_at: time,
        degraded: z.boolean(),
        data: record,
      }),
    )`
    : 'record'
  const entry = key ? `${literal(entryPath(dataset, key))}: z.strictObject({ data: record, meta }),` : ''
  return `import * as z from 'zod'
${decimal}
const time = z.iso.datetime()

const meta = z.strictObject({ as_of: time, fetched_at: time, degraded: z.boolean() })

const record = ${record}

/** Response bodies of the job's routes, by path. */
export const schemas = {
  ${literal(readPath)}: z.strictObject({ data: ${data}, meta }),
  ${entry}
}
`
}

function recordSchema({ members }: RecordType): string {
  const lines = members.map((member) => {
    const code = valueSchema(member.type)
    return `${property(member.served)}: ${isNullable(member) ? `${code}.nullable()` : code},`
  })
  return `z.strictObject({\n${lines.join('\n')}\n})`
}

function valueSchema(type: FieldType): string {
  switch (type.kind) {
    case 'figure':
      return 'decimal'
    case 'whole':
      return 'z.int()'
    case 'instant':
      return 'time'
    case 'date':
      return 'z.iso.date()'
    case 'symbol':
    case 'word':
    case 'label':
      return 'z.string()'
    case 'text':
      return `z.string().max(${type.maxLength})`
    case 'address':
      return 'z.url()'
    case 'flag':
      return 'z.boolean()'
    case 'list':
      return `z.array(${valueSchema(type.of)}${type.of.kind === 'address' ? '.nullable()' : ''})`
    case 'record':
      return recordSchema(type)
    default:
      return type satisfies never
  }
}
