import { identityOf, type UpstreamCall } from '../good-bodies.ts'
import { bodyText, isRowMap, type Json, type Path, parseBody, pathText, places, valueAt } from '../json.ts'
import { fractionOf, shuffled } from '../random.ts'
import { isMembers } from '../rules/agreement-rule.ts'
import type { BodyChange, MutationKind } from './body-change.ts'
import { columnMutations, hasColumns } from './column-mutations.ts'
import { fieldMutations } from './field-mutations.ts'
import { listMutations } from './list-mutations.ts'
import { mapMutations } from './map-mutations.ts'
import { pairMutations } from './pair-mutations.ts'
import { timeMutations } from './time-mutations.ts'

/** One mutation of one response. */
export interface Mutation {
  /** `provider/path?query|$.path|name`: names the mutation in reports and in `--only`. */
  readonly id: string
  readonly kind: MutationKind
  readonly provider: string
  readonly path: string
  /** The calls of the path that are mutated: the one with this query, or all of them. */
  readonly query: string | '*'
  /** The name of the row that is bent, if it has one. */
  readonly row: string | undefined
  /** Number of named rows of the list that is changed; 0 for anything else. */
  readonly rows: number
  /** Whether the body is a series, such as bars or reports: what is published is computed from all of it. */
  readonly isSeries: boolean
  mutate(goodText: string): string
}

/** A good response, from which mutations are made. */
export interface GoodResponse {
  readonly call: UpstreamCall
  readonly text: string
}

/** One attack on a job: one or two mutations at once, answered by one run or by two in a row. */
export interface Attack {
  readonly id: string
  readonly mutations: readonly Mutation[]
  readonly runs: 1 | 2
}

/**
 * Every mutation of the responses that a good run of a job got. Of the calls of one path, which have bodies of one
 * form, each mutation bends one, chosen by its name; whole-body and list mutations also bend all of them.
 */
export function mutationsOf(responses: readonly GoodResponse[]): readonly Mutation[] {
  const byPath = Map.groupBy(responses, ({ call }) => `${call.provider}${call.path}`)
  return [...byPath.values()].flatMap((calls) => {
    const bodies = calls.map(({ call, text }) => ({ call, good: parseBody(text) }))
    const [first] = bodies
    if (!first) return []
    const changes = changesOf(bodies.map(({ good }) => good))
    const isSeries = hasSeries(first.good)
    const single = changes.map((change) => {
      const needed = [change.path, ...(change.members ?? [])]
      const having = bodies.filter(({ good }) => needed.every((path) => hasPlace(good, path)))
      const index = Math.floor(fractionOf(`${pathText(change.path)} ${change.name}`) * having.length)
      const { call, good } = having[index] ?? first
      return toMutation(call, change, good, isSeries)
    })
    if (calls.length === 1) return single
    const many = changes.filter(({ kind }) => kind !== 'field')
    return [
      ...single,
      ...many.map((change) => toMutation({ ...first.call, query: '*' }, change, null, isSeries)),
    ]
  })
}

/** Whether a body has all members of a path, and all indices of its lists; `*` stands for any. */
function hasPlace(good: Json, path: Path): boolean {
  let value: Json | undefined = good
  for (const part of path) {
    if (part === '*') return true
    if (value === null || typeof value !== 'object') return false
    value = (value as { [name: string]: Json })[part]
    if (value === undefined) return false
  }
  return true
}

/** Whether a body has bars, as lists, as rows by their date, or as columns, or reports by their date. */
function hasSeries(good: Json): boolean {
  if (Array.isArray(good)) return Array.isArray(good[0])
  if (good === null || typeof good !== 'object') return false
  return hasColumns(good) || Object.values(good).some((rows) => isRowMap(rows) || hasReports(rows))
}

/** Of reports and of observations, the newest one counts: without it the one before. */
function hasReports(rows: Json): boolean {
  const first = Array.isArray(rows) ? rows[0] : null
  return isMembers(first) && ('fiscalDateEnding' in first || isObservation(first))
}

/** An observation of an economic series. */
function isObservation(row: Json | undefined): boolean {
  return isMembers(row) && 'realtime_start' in row && 'date' in row
}

/** The changes of all places of the first body, and of those of the others that have another form. */
function changesOf(bodies: readonly Json[]): readonly BodyChange[] {
  const forms = new Set<string>()
  const chosen = bodies.flatMap((good) => {
    const own = places(good).filter(({ form }) => !forms.has(form))
    for (const { form } of own) forms.add(form)
    return own
  })
  const changes = [
    ...bodyMutations(),
    ...failureMutations(bodies),
    ...chosen.flatMap((place) => [
      ...fieldMutations(place),
      ...listMutations(place),
      ...timeMutations(place),
      ...pairMutations(place),
      ...mapMutations(place),
      ...columnMutations(place),
    ]),
  ]
  return [...new Map(changes.map((change) => [`${pathText(change.path)} ${change.name}`, change])).values()]
}

function toMutation(
  call: UpstreamCall,
  { path, name, kind, rows, body }: BodyChange,
  good: Json,
  isSeries: boolean,
): Mutation {
  const query = call.query === '' ? '' : `?${call.query}`
  return {
    id: `${call.provider}${call.path}${query}|${pathText(path)}|${name}`,
    kind,
    provider: call.provider,
    path: call.path,
    query: call.query,
    row: rowName(good, path),
    rows: rows ?? (kind === 'list' || kind === 'body' ? namedRows(good, path) : 0),
    isSeries,
    mutate: (goodText) => {
      const changed = body(parseBody(goodText))
      const isText = typeof changed === 'object' && changed !== null && 'text' in changed
      return isText && typeof changed['text'] === 'string' && Object.keys(changed).length === 1
        ? changed['text']
        : bodyText(changed as Json)
    },
  }
}

function namedRows(good: Json, path: Path): number {
  const list = good === null ? null : valueAt(good, path)
  if (isRowMap(list)) return Object.keys(list).length
  if (!Array.isArray(list)) return 0
  return identityOf(list[0]) !== undefined || isObservation(list[0]) ? list.length : 0
}

/** The name of the innermost row on the way to a place. */
function rowName(good: Json, path: Path): string | undefined {
  let name: string | undefined
  path.reduce<Json | undefined>((value, part) => {
    const inner =
      value !== null && typeof value === 'object' ? (value as { [name: string]: Json })[part] : undefined
    const identity = identityOf(inner)
    if (identity !== undefined) name = String((inner as { [name: string]: Json })[identity])
    return inner
  }, good)
  return name
}

/** Bodies that have nothing of the good one, or not all of it. */
function bodyMutations(): readonly BodyChange[] {
  const texts: Readonly<Record<string, (good: string) => string>> = {
    'no body': () => '',
    null: () => 'null',
    'a number': () => '1',
    'an empty list': () => '[]',
    'an empty object': () => '{}',
    html: () => '<html><body>busy</body></html>',
    'cut in the middle': (good) => good.slice(0, good.length / 2),
    'cut at the end': (good) => good.slice(0, -1),
    'byte order mark in front': (good) => `\uFEFF${good}`,
    'in a list': (good) => `[${good}]`,
    'twice in a row': (good) => `${good}${good}`,
    'as a text': (good) => JSON.stringify(good),
  }
  return Object.entries(texts).map(([name, change]) => ({
    path: [],
    name,
    kind: 'body',
    body: (good) => ({ text: change(bodyText(good)) }),
  }))
}

/** Codes of failures under the status 200, of the check-in provider: refused, too many calls, no permission, and others. */
const FAILURE_CODES = [1059, 429, '429', 52_010, 1005, 1002, 404, 10_001]

/** Bodies that report a failure, of a provider whose bodies say whether they are one. */
function failureMutations([good]: readonly Json[]): readonly BodyChange[] {
  if (!isMembers(good) || good['succeeded'] !== true) return []
  const failure = (name: string, body: Json): BodyChange => ({
    path: [],
    name,
    kind: 'body',
    body: () => body,
  })
  return [
    ...FAILURE_CODES.map((code) =>
      failure(`failure ${JSON.stringify(code)}`, { succeeded: false, code, info: 'x', resp_data: {} }),
    ),
    failure('failure 1059 in error', { succeeded: false, error: { code: 1059, message: 'x' } }),
    failure('failure without a code', { succeeded: false }),
    { ...failure('failure with data', null), body: (body) => ({ ...(body as object), succeeded: false }) },
  ]
}

/**
 * Attacks of one job: each mutation by itself, then, up to `count`, seeded pairs of mutations and mutations that two
 * runs in a row get.
 */
export function attacksOf(mutations: readonly Mutation[], seed: number, count: number): readonly Attack[] {
  const singles = mutations.map((mutation): Attack => ({ id: mutation.id, mutations: [mutation], runs: 1 }))
  const more: Attack[] = []
  const order = shuffled(mutations, seed, ({ id }) => id)
  for (let round = 1; singles.length + more.length < count && round < order.length; round += 1) {
    for (const [index, mutation] of order.entries()) {
      if (singles.length + more.length >= count) break
      if (round === 1) more.push({ id: `${mutation.id} x2`, mutations: [mutation], runs: 2 })
      else more.push(combined(mutation, order[(index + round) % order.length] ?? mutation))
    }
  }
  return [...singles, ...more]
}

function combined(first: Mutation, second: Mutation): Attack {
  return { id: `${first.id} & ${second.id}`, mutations: [first, second], runs: 1 }
}

/** A sample of attacks, with as many of each kind. */
export function sampleOf(attacks: readonly Attack[], seed: number, size: number): readonly Attack[] {
  const kinds = [...Map.groupBy(attacks, ({ mutations: [first] }) => first?.kind).values()].map((group) =>
    shuffled(group, seed, ({ id }) => id),
  )
  const longest = Math.max(0, ...kinds.map(({ length }) => length))
  const rounds = Array.from({ length: longest }, (_, index) => kinds.flatMap((kind) => kind[index] ?? []))
  return rounds.flat().slice(0, size)
}

/** The attack that an id names. @throws {TypeError} for an id that no mutation of the job has */
export function attackOf(id: string, mutations: readonly Mutation[]): Attack {
  const runs = id.endsWith(' x2') ? 2 : 1
  const names = id.replace(/ x2$/, '').split(' & ')
  const named = names.map((name) => {
    const mutation = mutations.find((candidate) => candidate.id === name)
    if (!mutation) throw new TypeError(`expected the id of a mutation, got ${name}`)
    return mutation
  })
  return { id, mutations: named, runs }
}
