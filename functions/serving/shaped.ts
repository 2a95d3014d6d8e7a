import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { assertNever } from '#shared/engine/errors.ts'
import { freshness } from '#shared/engine/freshness.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { resultPart } from '#shared/engine/task/result-part.ts'
import { acceptsBrotli } from '#shared/http/conditional.ts'
import { failureIn, type HttpResult } from '#shared/http/problem.ts'
import type { Clock } from '#shared/ports/clock.ts'
import { compress, hashOf } from '#shared/ports/codec.ts'
import type { HistoryStore, RunStore, StateStore, TaskStore } from '#shared/ports/store.ts'
import type { ColdFill } from './cold.ts'
import type { Datasets } from './dataset.ts'
import type { Copy } from './memory.ts'
import { wrongValue } from './parameters.ts'
import type { ReadRequest } from './read-request.ts'
import type { Wanted } from './refresh-requests.ts'
import { type Representation, representation } from './representation.ts'
import { type Found, respond } from './respond.ts'
import type { Look, Published, ServableItem, Shape, Shaped } from './shape.ts'

/** What shapes look at beside datasets. */
export interface ShapeStore {
  readonly history: Pick<HistoryStore, 'list'>
  readonly runs: Pick<RunStore, 'get'>
  readonly tasks: Pick<TaskStore, 'get'>
  readonly states: Pick<StateStore, 'get'>
}

interface Choices {
  readonly found: Datasets
  readonly store: ShapeStore
  readonly clock: Clock
  /** The job that is an input of others. @throws {TypeError} for one that nobody knows */
  readonly inputOf: (job: Job, name: string) => Job
  /** A reader has a stale answer. */
  readonly onStale: (wanted: Wanted) => Promise<void>
  /** Waits for what is not stored. */
  readonly fill: (wanted: Wanted, key: string) => Promise<ColdFill>
}

/** When more keys than these are stale, a run of all of them is asked for. */
const MOST_STALE_KEYS = 10

/** Composed answers that one process remembers. */
const MOST_ANSWERS = 200

/** Shorter answers of a moment are not worth it. */
const LEAST_COMPRESSED = 2_000

/** Largest body of a POST that reads. */
const LARGEST_BODY = 32 * 1_024

/** Answers of shapes. What is composed of one publication is composed once. */
export function shapedAnswers({ found, store, clock, inputOf, onStale, fill }: Choices) {
  const composed = new Map<string, Representation>()

  return async (
    shape: Shape,
    job: Job,
    route: Route,
    parameters: Readonly<Record<string, string>>,
    request: ReadRequest,
  ): Promise<HttpResult> => {
    const now = clock.now()
    const query = request.query ?? {}
    const wrong = wrongValue(route.parameters, parameters) ?? wrongValue(route.query, query)
    if (wrong !== undefined) return failed(wrong, 400)
    const body = route.method === 'POST' ? bodyOf(request.body) : undefined
    if (body && 'message' in body) return failed(body.message, body.status)
    const shaped = await shape({ parameters, query, body: body?.json, now }, lookOf(job))
    return answerOf(shaped, route, request, now)

    function failed(message: string, status: number): HttpResult {
      return failureIn(job.envelope, { status, message }, now)
    }

    function answerOf(shaped: Shaped, of: Route, asked: ReadRequest, at: number): HttpResult {
      switch (shaped.answer) {
        case 'failure':
          return failureIn(job.envelope, shaped, at, shaped.headers)
        case 'now':
          return ofNow(shaped.status, asked, JSON.stringify(shaped.body), shaped.headers)
        case 'text':
          return ofNow(200, asked, shaped.text)
        case 'value': {
          const text = JSON.stringify(shaped.body)
          const { of: published, isCopy, waited = false } = shaped.from
          const value = remembered(`${of.path} ${hashOf(text)}`, text, published)
          return labelled(value, of, asked, { waited, isCopy }, at)
        }
        case 'stored':
          return labelled(shaped.item.of, of, asked, shaped.item, at)
        default:
          return assertNever(shaped)
      }
    }

    /** No cache keeps the answer of a POST, nor is one asked whether it has changed. */
    function labelled(...[value, of, asked, how, at]: [Representation, Route, ReadRequest, Found, number]) {
      if (of.method !== 'POST') return respond(value, job, asked, how, at)
      const { 'if-none-match': _ignored, ...headers } = asked.headers
      const result = respond(value, job, { ...asked, headers }, how, at)
      return { ...result, headers: { ...result.headers, 'cache-control': 'no-store' } }
    }
  }

  /** The body is made once; its times are those of what it was made from now. */
  function remembered(name: string, text: string, of: Published): Representation {
    const known = composed.get(name)
    if (known && isSameTime(known, of)) return known
    const body = known?.body ?? compress(text)
    const value = representation({ ...of, etag: hashOf(text), body })
    if (composed.size >= MOST_ANSWERS) composed.clear()
    composed.set(name, value)
    return value
  }

  function lookOf(job: Job): Look {
    return {
      job,
      set: () => servableSet(job),
      setOf: (input) => servableSet(inputOf(job, input)),
      item: async (key) => {
        const item = servable(await found.read(job, key))
        if (item && isStale(item)) await onStale(wantedOf(job, key))
        return item
      },
      items: async (keys) => {
        const copies = await found.readMany(job, keys)
        const items = [...copies].flatMap(([key, copy]) => {
          const item = servable(copy)
          return item ? [[key, item] as const] : []
        })
        const stale = items.filter(([, item]) => isStale(item)).map(([key]) => key)
        const wanted = stale.length > MOST_STALE_KEYS ? [{ job }] : stale.map((key) => wantedOf(job, key))
        await Promise.all(wanted.map(onStale))
        return new Map(items)
      },
      fill: async (key) => {
        const filled = await fill(wantedOf(job, key), key)
        if (filled.status !== 'filled') return filled
        return { status: 'filled', item: { of: filled.value, waited: true, isCopy: false } }
      },
      history: async (kind, entity, range) => {
        const rows = await store.history.list(job.id, kind, entity, range)
        return rows.filter(({ expiresAt }) => expiresAt > clock.now())
      },
      run: (id) => store.runs.get(job.id, id),
      page: (run, page) => store.tasks.get(job.id, run, resultPart(page), clock.now()),
      state: () => store.states.get(job.id),
      stateOf: (other) => store.states.get(other),
    }
  }

  async function servableSet(job: Job) {
    const set = await found.set(job)
    if (set && !set.isCopy && freshness(set.of, clock.now()) === 'stale') await onStale({ job })
    return set
  }

  function isStale({ of, isCopy }: ServableItem): boolean {
    return !isCopy && freshness(of, clock.now()) === 'stale'
  }
}

/** An answer of this moment; a long one is compressed for a client that takes it so. */
function ofNow(
  statusCode: number,
  { method, headers: asked }: ReadRequest,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResult {
  const content = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'Accept-Encoding',
    ...headers,
  }
  if (method === 'HEAD') return { statusCode, headers: content, body: '', isBase64Encoded: false }
  if (text.length < LEAST_COMPRESSED || !acceptsBrotli(asked['accept-encoding']))
    return { statusCode, headers: content, body: text, isBase64Encoded: false }
  const body = Buffer.from(compress(text)).toString('base64')
  return { statusCode, headers: { ...content, 'content-encoding': 'br' }, body, isBase64Encoded: true }
}

/** What is refreshed for a key: all of a job whose routes name it as it is, as where no shape is. */
function wantedOf(job: Job, key: string): Wanted {
  return job.reads.some((route) => route.key === key) ? { job } : { job, key }
}

/** What a look at one key has found. @throws what the table threw, where no copy is left */
function servable({ value, failure }: Copy<Representation>): ServableItem | undefined {
  if (value && !value.isAbsent) return { of: value, waited: false, isCopy: failure !== undefined }
  if (failure !== undefined) throw failure
  return undefined
}

/** Whether an answer has the labels of what it is made from now. An operator may have marked that as stale since. */
function isSameTime(known: Representation, of: Published): boolean {
  return (
    known.fetchedAt === of.fetchedAt &&
    known.checkedAt === of.checkedAt &&
    known.freshUntil === of.freshUntil &&
    known.invalidatedAt === of.invalidatedAt &&
    known.dataSource === of.dataSource
  )
}

function bodyOf(
  text: string | undefined,
): { readonly json: JsonValue } | { readonly status: number; readonly message: string } {
  if (text !== undefined && Buffer.byteLength(text) > LARGEST_BODY)
    return { status: 413, message: `expected a body of at most ${LARGEST_BODY} bytes` }
  try {
    return { json: JSON.parse(text ?? '') as JsonValue }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { status: 400, message: 'expected a body in JSON' }
  }
}
