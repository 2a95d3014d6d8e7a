import type { Dataset } from '../dataset.ts'
import { hasInstant, type RecordType } from '../sample/field-type.ts'
import type { RowKey } from '../sample/row-key.ts'
import { access, accessAt, type Imports, literal, property, renamed } from './code.ts'
import { degradedCode, type FieldCode, servedRecord } from './fields.ts'
import { callCode, callComment, objectSchema, type Schema, schema, timeComment } from './schemas.ts'

/** A dataset of rows. */
type SetOfRows = Dataset & { readonly key: RowKey }

/** A refresh that stores the rows of a list or a map as a snapshot. */
export function setCode(dataset: SetOfRows, fields: FieldCode, imports: Imports): string {
  const { id, type, ownTime, cursor } = dataset
  const rowType = withKey(dataset)
  const row = schema('row', fields.schema(rowType), hasInstant(type))
  const body = bodySchema(dataset, fields, imports)
  const hasTime = ownTime.of === 'answer'
  imports.add('#shared/engine/validate/verdicts.ts', 'expectNoFault')
  imports.add('#shared/upstreams/lists.ts', 'type ListExpectation', 'listFault')
  imports.add('#shared/upstreams/set-rows.ts', 'readSetRows', 'type SetRows')
  return `
/** Confirm: whether the list may be empty, and which share of the stored rows it may lose between two runs. */
const ROWS: ListExpectation = { name: '${id}', mayBeEmpty: false, maxShrink: 0.5, minCoverage: 0 }
${cursor ? maxPagesCode(imports) : ''}
${row.declaration}
type Row = ${row.parsed}

${body.declaration}
/** The rows of an answer${hasTime || hasInstant(type) ? '; times are milliseconds since the epoch' : ''}. */
${hasTime ? 'interface Answer extends SetRows<Row> {\nreadonly at: number\n}' : 'type Answer = SetRows<Row>'}

export const refresh: Refresh<Answer> = {
  renderVersion: 1,

  ${callComment(dataset.call)}plan: () => [{ key: 'all', calls: [${cursor ? 'pageCall()' : callCode(dataset.call)}] }],
${cursor ? nextCallsCode(hasTime) : ''}
  ${parseCode(dataset, { row, body, imports })},

  accept: ({ rows }, { stored }) =>
    expectNoFault(listFault(ROWS, { rows: rows.length, storedRows: stored?.entries.size })),

  review: ({ lost }) => ({ lost, distrusted: [] }),

  ${timeComment(dataset)}members: ({ rows, missing${hasTime ? ', at' : ''} }${ownTime.of === 'call' ? ', { now }' : ''}) => ({
    bodies: rows.map((row) => ({
      key: ${keyCode(dataset)},
      data: ${servedRecord(rowType, 'row', imports)},
      asOf: ${ownTime.of === 'record' ? accessAt('row', ownTime.place) : hasTime ? 'at' : 'now'},
      degraded: ${degradedCode(type, 'row')},
    })),
    missing,
  }),
${cursor ? `\n  maxCalls: () => ({ ${property(dataset.upstream.name)}: { retried: MAX_PAGES, once: 0 } }),\n` : ''}}
${cursor ? pageFunctions(dataset, body, imports) : ''}`
}

/** The type of a row; one of a map has its key as the first member. */
export function withKey({ layout, type, key }: Pick<SetOfRows, 'layout' | 'type' | 'key'>): RecordType {
  if (layout.kind !== 'map') return type
  const member = { name: key.name, served: key.served, type: { kind: 'symbol' }, nullable: false } as const
  return { ...type, members: [member, ...type.members] }
}

function keyCode({ key }: SetOfRows): string {
  const value = access('row', key.name)
  return key.isNumber ? `String(${value})` : value
}

/** The way to the rows, the time of the answer, the cursor of the next page. */
function bodySchema({ layout, ownTime, cursor }: SetOfRows, fields: FieldCode, imports: Imports): Schema {
  if (layout.kind === 'list') imports.add('#shared/upstreams/fields.ts', 'rowList')
  const rows = layout.kind === 'list' ? 'rowList()' : 'z.record(z.string(), z.unknown())'
  const parts = [
    { place: layout.place, code: rows },
    ...(ownTime.of === 'answer'
      ? [{ place: ownTime.time.place, code: fields.type(ownTime.time.type, 'answered_at') }]
      : []),
    ...(cursor ? [{ place: cursor.place, code: 'z.nullish(z.string())' }] : []),
  ]
  return schema('body', objectSchema(parts), ownTime.of === 'answer')
}

interface ParseParts {
  readonly row: Schema
  readonly body: Schema
  readonly imports: Imports
}

function parseCode(dataset: SetOfRows, { row, body, imports }: ParseParts): string {
  const { key, ownTime, cursor, layout, type } = dataset
  const time = ownTime.of === 'answer' ? ownTime.time : undefined
  const context = hasInstant(type) || time ? '{ now, stored }' : '{ stored }'
  const read = `readSetRows(rows, ${row.use}, {
      nameOf: (row) => ${keyCode(dataset)},
      rawName: ${literal(key.name)},
      storedKeys: stored?.entries.keys(),
    })`
  if (cursor)
    return `parse: (answers, ${context}) => {
    const pages = answers.map((answer) => ${body.use}.parse(answer))
    expectLastPage(${time ? 'answers.map((answer) => pageOf(answer, now))' : 'answers.map(pageOf)'})
    const rows = pages.flatMap((page) => ${accessAt('page', layout.place)})
    return ${time ? `{ ...${read}, at: Math.min(...pages.map((page) => ${accessAt('page', time.place)})) }` : read}
  }`
  if (time)
    return `parse: ([answer], ${context}) => {
    const body = ${body.use}.parse(answer)
    const rows = ${rowsCode(dataset, 'body', imports)}
    return { ...${read}, at: ${accessAt('body', time.place)} }
  }`
  return `parse: ([answer], ${context}) => {
    const rows = ${rowsCode(dataset, `${body.use}.parse(answer)`, imports)}
    return ${read}
  }`
}

/** The rows of a body; those of a map get its keys as a member. */
function rowsCode({ layout, key }: SetOfRows, body: string, imports: Imports): string {
  const rows = accessAt(body, layout.place)
  if (layout.kind !== 'map') return rows
  const keyMember = renamed(key.name, 'name')
  if (layout.isOfScalars) return `Object.entries(${rows}).map(([name, value]) => ({ ${keyMember}, value }))`
  imports.add('#shared/upstreams/error-codes.ts', 'members')
  return `Object.entries(${rows}).map(([name, row]) => ({ ...members(row), ${keyMember} }))`
}

function maxPagesCode(imports: Imports): string {
  imports.add('#shared/upstreams/pages.ts', 'expectLastPage', 'nextCursor', 'type Page')
  imports.add('#shared/engine/model/refresh.ts', 'type Call')
  return `
/** Confirm: the most pages that the list has. The quota counts all of them in each run; a longer list is refused. */
const MAX_PAGES = 5
`
}

function nextCallsCode(isTimed: boolean): string {
  const pages = isTimed ? 'answers.map((answer) => pageOf(answer, now))' : 'answers.map(pageOf)'
  return `
  nextCalls: (answers${isTimed ? ', { now }' : ''}) => {
    const cursor = nextCursor(${pages}, MAX_PAGES)
    return cursor === undefined ? [] : [pageCall(cursor)]
  },
`
}

function pageFunctions({ call, layout, cursor, ownTime }: SetOfRows, body: Schema, imports: Imports): string {
  imports.add('#shared/domain/defined.ts', 'defined')
  const { place = [], parameter = '' } = cursor ?? {}
  const query = Object.entries(call.query).map(([name, value]) => `${property(name)}: ${literal(value)}, `)
  return `
/** A page as far as its rows and its cursor can be read. */
function pageOf(answer: unknown${ownTime.of === 'answer' ? ', now: number' : ''}): Page | undefined {
  const { data } = ${body.use}.safeParse(answer)
  return data && { rows: ${accessAt('data', layout.place)}.length, cursor: ${accessAt('data', place)} }
}

// Confirm: the query parameter that has the cursor
function pageCall(cursor?: string): Call {
  return { path: ${literal(call.path)}, query: { ${query.join('')}...defined({ ${renamed(parameter, 'cursor')} }) } }
}
`
}
