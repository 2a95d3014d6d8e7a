import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { viewsByJob } from '#functions/jobs/views.ts'
import { type Job, resolveJob } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { taskIdOf } from '#shared/domain/ids.ts'
import { SNAPSHOT_KEY, type SnapshotHead, withConfirmedTimes } from '#shared/domain/records/snapshot.ts'
import { storedData } from '#shared/engine/model/stored-value.ts'
import { ReadPath } from '#shared/read/read-path.ts'
import { jsonOf } from '#test/fakes/world/clients.ts'
import { virtualClock } from '#test/fakes/world/virtual-clock.ts'
import { recentMsOf } from './attack-settings.ts'
import type { Json } from './json.ts'
import { declarationOf } from './profiles.ts'
import type { Store } from './world.ts'

/** One stored member that can be served: an item, or an entry of a snapshot. */
export interface StoredMember {
  readonly key: string
  readonly data: Json
  readonly asOf: number
  readonly fetchedAt: number
  readonly checkedAt: number
  readonly freshUntil: number
  readonly degraded: boolean
}

/** One row of history; `at` in milliseconds since the epoch. */
export interface StoredRow {
  readonly kind: string
  readonly entity: string
  readonly at: number
  readonly data: Json
}

/** The response of a declared route. */
export interface RouteResponse {
  /** `GET /path?query`, or `POST /path`. */
  readonly target: string
  readonly route: Route
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json
}

/** Everything of a job that can be read at one time. */
export interface Content {
  /** The id of the job. */
  readonly job: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** How old the data of the job may be, in milliseconds. */
  readonly recentMs: number
  readonly members: ReadonlyMap<string, StoredMember>
  /** The summary in the head of a snapshot. */
  readonly head: Json
  readonly headTimes:
    | (Pick<StoredMember, 'asOf' | 'checkedAt' | 'freshUntil' | 'degraded'> & Pick<SnapshotHead, 'source'>)
    | undefined
  readonly history: readonly StoredRow[]
  /** What is stored of the jobs of the inputs, by job and key. */
  readonly inputs: ReadonlyMap<string, ReadonlyMap<string, StoredMember>>
  readonly responses: readonly RouteResponse[]
}

/** The project of a key of check-in data. */
const PROJECT_OF = /:project:(\d+):/

/** Values of path parameters, by name. A new name of a parameter gets its values here. */
const PARAMETERS: Readonly<Record<string, (content: StoredKeys) => readonly string[]>> = {
  symbol: ({ keys }) => keys.slice(0, 2),
  interval: () => ['1h', '4h', '8h'],
  task_id: ({ tasks }) => tasks,
  // projects with bodies of both forms
  id: ({ keys }) => [...new Set(keys.flatMap((key) => PROJECT_OF.exec(key)?.[1] ?? []))].slice(0, 3),
  // a series of each frequency, and one in another unit
  series_id: () => ['VIXCLS', 'ICSA', 'UNRATE', 'A191RL1Q225SBEA', 'CPIAUCSL_PC1'],
}

/** Values of query parameters, by name; each is sent once, beside a request without any. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  limit: ['1', '100'],
  market: ['spot'],
  fast_mode: ['true'],
  days: ['90'],
  page: ['1'],
  timeframe: ['1D'],
  // between the symbols of the attack, and after all times
  cursor: ['B', '9999999999999'],
  category: ['WAR'],
  min_impact: ['60'],
  // the days of the last run before the attack, and of the attack
  as_of: ['2026-11-22', '2026-11-23'],
  // of check-ins: the other lists, projects of both forms with one that there is not, the other board, and a long list
  scope: ['closed', 'over'],
  ids: ['2424000001,1141152026,999'],
  type: ['accumulated'],
  count: ['5', '100'],
}

interface StoredKeys {
  readonly keys: readonly string[]
  readonly tasks: readonly string[]
}

/** Reads everything that a job has stored and that its routes answer, through the read path of a new process. */
export async function readBack(job: Job, inputs: readonly Job[], store: Store, at: number): Promise<Content> {
  const { members, head, headTimes } = await storedMembers(job, store, at)
  const history = [...store.memory.history].filter(([name]) => name.startsWith(`${job.id} `))
  const tasks = [...store.memory.runs.values()].filter((run) => run.job === job.id && run.task)
  const last = tasks.at(-1)
  const keys = { keys: [...members.keys()], tasks: last ? [taskIdOf(last.id, job)] : [] }
  const path = readPath(job, inputs, store, at)
  // as the readers' function has them: without what operators have stored
  const { operatorRecords: _, ...publicStore } = store
  const publicPath = readPath(job, inputs, publicStore, at)
  const responses: RouteResponse[] = []
  for (const route of job.reads)
    for (const request of requestsOf(route, keys)) {
      const reader = route.access === 'public' ? publicPath : path
      responses.push(await respond(reader, job, route, request))
    }
  const stored = inputs.map(
    async (input) => [input.id, (await storedMembers(input, store, at)).members] as const,
  )
  return {
    job: job.id,
    at,
    recentMs: recentMsOf(job.id),
    members,
    head,
    headTimes,
    history: history.map(([, { kind, entity, at: time, data }]) => ({
      kind,
      entity,
      at: time,
      data: data as Json,
    })),
    inputs: new Map(await Promise.all(stored)),
    responses,
  }
}

async function storedMembers(job: Job, store: Store, at: number) {
  if (job.stored === 'items') {
    const items = [...store.memory.items].filter(([name]) => name.startsWith(`${job.id} `))
    const servable = items
      .map(([, item]) => item)
      .filter((item) => !item.isAbsent && freshness(item, at) !== 'gone')
    const members = servable.map(
      (item) => [item.key, { ...item, data: storedData(item.body, job) as Json }] as const,
    )
    return { members: new Map<string, StoredMember>(members), head: null, headTimes: undefined }
  }
  const head = await store.snapshots.head(job.id, SNAPSHOT_KEY)
  if (!head || freshness(head, at) === 'gone') return { members: new Map(), head: null, headTimes: undefined }
  const entries = withConfirmedTimes(head, (await store.snapshots.entries(job.id, head)) ?? [])
  const { freshForMs, serveStaleForMs } = job.freshness
  const members = entries
    .filter(({ checkedAt }) => at < checkedAt + serveStaleForMs)
    .map(({ body, ...entry }): [string, StoredMember] => [
      entry.key,
      { ...entry, data: JSON.parse(body) as Json, freshUntil: entry.checkedAt + freshForMs },
    ])
  const summary = head.summary === undefined ? null : (JSON.parse(head.summary) as Json)
  return { members: new Map(members), head: summary, headTimes: head }
}

function readPath(
  job: Job,
  inputs: readonly Job[],
  store: Omit<Store, 'operatorRecords'>,
  at: number,
): ReadPath {
  const ignore = () => {}
  return new ReadPath(
    {
      store,
      views: { [job.id]: { ...viewsByJob[job.id], ...operatorViewsByJob[job.id] } },
      jobs: [job, ...inputs, ...job.viewInputs.map((id) => resolveJob(declarationOf(id), {}))],
      bus: { publish: async () => {} },
      clock: virtualClock(at),
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      counts: { add: ignore, addFallback: ignore },
    },
    '0.0.0',
  )
}

interface RouteRequest {
  readonly target: string
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Requests of a route. @throws {TypeError} for a parameter without values in the tables above */
function requestsOf(route: Route, keys: StoredKeys): readonly RouteRequest[] {
  const queries = Object.keys(route.query ?? {}).flatMap((name) =>
    expectValues(QUERIES[name], name).map((value) => ({ [name]: value })),
  )
  const bodies = route.method === 'POST' ? postBodies(keys) : [undefined]
  return parameterSets(route, keys).flatMap((parameters) =>
    [{}, ...queries].flatMap((query: Readonly<Record<string, string>>) =>
      bodies.map((body) => ({ target: targetOf(route, parameters, query, body), parameters, query, body })),
    ),
  )
}

function parameterSets(route: Route, keys: StoredKeys): readonly Readonly<Record<string, string>>[] {
  return Object.keys(route.parameters ?? {}).reduce<readonly Readonly<Record<string, string>>[]>(
    (sets, name) => {
      const values = expectValues(PARAMETERS[name]?.(keys), name)
      return sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value })))
    },
    [{}],
  )
}

/** Bodies of POST requests: they name one key, or all of them. */
function postBodies({ keys }: StoredKeys): readonly string[] {
  return [...keys.slice(0, 2).map((symbol) => JSON.stringify({ symbol })), JSON.stringify({ symbols: keys })]
}

function expectValues<T>(values: T | undefined, name: string): T {
  if (values !== undefined) return values
  throw new TypeError(`expected values of the parameter ${name} in test/hostile/read-back.ts, got none`)
}

function targetOf(
  route: Route,
  parameters: RouteRequest['parameters'],
  query: RouteRequest['query'],
  body?: string,
) {
  const path = route.path.replace(/\{([a-z_]+)\}/g, (_, name: string) => parameters[name] ?? '')
  const search = new URLSearchParams(query).toString()
  const target = `${route.method ?? 'GET'} ${path}${search === '' ? '' : `?${search}`}`
  return body === undefined ? target : `${target} ${body.slice(0, 40)}`
}

async function respond(
  path: ReadPath,
  job: Job,
  route: Route,
  request: RouteRequest,
): Promise<RouteResponse> {
  const { target, parameters, query, body } = request
  const method = route.method ?? 'GET'
  const read = { method, path: route.path, headers: {}, query, body }
  const result = await path.read(job, route, parameters, read)
  const { statusCode: status, headers } = result
  return { target, route, status, headers, body: jsonOf(result) as Json }
}
