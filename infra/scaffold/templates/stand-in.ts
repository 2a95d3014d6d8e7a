import { isoText } from '#shared/domain/time.ts'
import type { Dataset } from '../dataset.ts'
import { camelCase } from '../names.ts'
import { placeOfRecords } from '../new-dataset.ts'
import type { FieldType, Instant, RecordType } from '../sample/field-type.ts'
import { isObject } from '../sample/infer.ts'
import { SCALAR_MEMBER } from '../sample/layout.ts'
import { placeBelow, placeText } from '../sample/names.ts'
import { literal } from './code.ts'
import { callMembers } from './schemas.ts'

/** What moves in a sample, by place. */
interface Places {
  readonly figures: string[]
  readonly times: [place: string, form: string][]
}

/** `infra/local/simulated/samples/<job>.ts`: the stand-in that plays the sample. */
export function standInFile(dataset: Dataset): string {
  const { id, upstream, call, ownTime, sampleAt, layout, cursor } = dataset
  const places: Places = { figures: [], times: [] }
  addRecord(dataset.type, placeOfRecords(layout), places, layout.isOfScalars)
  if (ownTime.of === 'answer') places.times.push([placeText(ownTime.time.place), formOf(ownTime.time.type)])
  const times = places.times.map(([place, form]) => `${literal(place)}: '${form}',`)
  const sampleTime = sampleAt === undefined ? '' : `sampleAt: '${isoText(sampleAt)}',`
  const pages = cursor
    ? `pages: { rows: ${literal(placeText(layout.place))}, cursor: ${literal(placeText(cursor.place))}, parameter: ${literal(cursor.parameter)} },`
    : ''
  return `import { playedSample } from '../model/played-sample.ts'
import sample from './${id}.json' with { type: 'json' }

/** The answers of ${upstream.title} to \`${call.path}\`, made from a sample: figures move a little, times with the clock. */
export const ${camelCase(id)}Sample = playedSample({
  ${callMembers(call)},
  sample,
  figures: [${places.figures.map(literal).join(', ')}],
  ${times.length === 0 ? '' : `times: {\n${times.join('\n')}\n},`}
  ${sampleTime}
  ${pages}
})
`
}

function addRecord({ members }: RecordType, place: string, places: Places, isOfScalars: boolean): void {
  for (const { name, type } of members) {
    const isValue = isOfScalars && name === SCALAR_MEMBER
    addValue(type, isValue ? place : placeBelow(place, name), places)
  }
}

function addValue(type: FieldType, place: string, places: Places): void {
  switch (type.kind) {
    case 'figure':
      places.figures.push(place)
      return
    case 'instant':
      places.times.push([place, formOf(type)])
      return
    case 'date':
      places.times.push([place, 'date'])
      return
    case 'list':
      addValue(type.of, `${place}.*`, places)
      return
    case 'record':
      addRecord(type, place, places, false)
      return
    default:
  }
}

function formOf({ unit }: Instant): string {
  return unit
}

/** Rows of the sample that the stand-in has; more would make a large file and show nothing new. */
const MAX_ROWS = 20

/** `infra/local/simulated/samples/<job>.json`: the sample, cut to twenty rows. Long numbers keep their digits. */
export function sampleFile({ body, layout }: Dataset): string {
  return `${jsonText(cutAt(body, layout.place), '')}\n`
}

function cutAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name !== undefined && isObject(value)) return { ...value, [name]: cutAt(value[name], rest) }
  if (Array.isArray(value)) return value.slice(0, MAX_ROWS)
  return value
}

/** JSON of a parsed sample, whose long numbers are `ExactNumber`. */
function jsonText(value: unknown, indent: string): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const rows = value.map((each) => `${inner}${jsonText(each, inner)}`)
    return rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n${indent}]`
  }
  if (isObject(value)) {
    const rows = Object.entries(value).map(
      ([name, each]) => `${inner}${JSON.stringify(name)}: ${jsonText(each, inner)}`,
    )
    return rows.length === 0 ? '{}' : `{\n${rows.join(',\n')}\n${indent}}`
  }
  return typeof value === 'object' && value !== null && 'source' in value
    ? String(value.source)
    : JSON.stringify(value)
}
