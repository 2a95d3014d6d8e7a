import type { Dataset } from '../dataset.ts'
import { hasInstant } from '../sample/field-type.ts'
import { accessAt, Imports } from './code.ts'
import { degradedCode, FieldCode, servedRecord } from './fields.ts'
import { callCode, callComment, objectSchema, schema, timeComment } from './schemas.ts'
import { setCode } from './set-refresh.ts'

/** The key of a dataset that is one record. */
export const RECORD_KEY = 'latest'

/** `refresh.ts`: the calls, the parser with the inferred field types, what is served. */
export function refreshFile(dataset: Dataset): string {
  const imports = new Imports()
  imports.addAll('zod/mini', 'z')
  imports.add('#shared/engine/model/refresh.ts', 'type Refresh')
  const fields = new FieldCode(dataset, imports)
  const code = dataset.key
    ? setCode({ ...dataset, key: dataset.key }, fields, imports)
    : recordCode(dataset, fields, imports)
  return [imports.text(), boundsCode(dataset, fields.bounds), code].join('\n')
}

function boundsCode({ key }: Dataset, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  const effect = key ? 'A row beyond them is lost.' : 'A body beyond them is rejected.'
  return `
/**
 * Confirm: the bounds of each field. Assumed are powers of ten, from a hundredth to a hundred times the values of the sample,
 * and ten times the distances of its times. ${effect}
 */
const BOUNDS = {
${lines.join('\n')}
} as const
`
}

/** A refresh that stores one record as an item. */
function recordCode(dataset: Dataset, fields: FieldCode, imports: Imports): string {
  const { layout, type, ownTime } = dataset
  const time = ownTime.of === 'answer' ? ownTime.time : undefined
  const isTimed = hasInstant(type) || time !== undefined
  const parts = [
    { place: layout.place, code: fields.schema(type) },
    ...(time ? [{ place: time.place, code: fields.type(time.type, 'answered_at') }] : []),
  ]
  const body = schema('body', objectSchema(parts), isTimed)
  const record = accessAt('body', layout.place)
  const asOf =
    ownTime.of === 'record' ? accessAt(record, ownTime.place) : time ? accessAt('body', time.place) : 'now'
  return `
${body.declaration}
/** A body${isTimed ? '; times are milliseconds since the epoch' : ''}. */
type Body = ${body.parsed}

export const refresh: Refresh<Body> = {
  renderVersion: 1,

  ${callComment(dataset.call)}plan: () => [{ key: '${RECORD_KEY}', calls: [${callCode(dataset.call)}] }],

  parse: ([answer]${isTimed ? ', { now }' : ''}) => ${body.use}.parse(answer),

  // Confirm: which values must agree with each other, and by how much one may change between two runs
  accept: () => ({ accepted: true }),

  ${timeComment(dataset)}item: (body${ownTime.of === 'call' ? ', { now }' : ''}) => ({
    data: ${servedRecord(type, record, imports)},
    asOf: ${asOf},
    degraded: ${degradedCode(type, record)},
  }),
}
`
}
