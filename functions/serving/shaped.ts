import type { Job } from '#shared/declare/job.ts'
import type { Parameter, Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/engine/freshness.ts'
import type { JsonValue } from '#shared/engine/refresh.ts'
import { resultPart } from '#shared/engine/task/result-part.ts'
import { failureIn, type HttpResult } from '#shared/http/problem.ts'
import type { Clock } from '#shared/ports/clock.ts'
import { compress, hashOf } from '#shared/ports/codec.ts'
import type { HistoryStore, RunStore, StateStore, TaskStore } from '#shared/ports/store.ts'
import type { Datasets } from './dataset.ts'
import type { ReadRequest } from './read-request.ts'
import { type Representation, representation } from './representation.ts'
import { respond } from './respond.ts'
import type { Look, ServableSet, Shape, Shaped } from './shape.ts'

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
  /** A reader has a stale answer. */
  readonly onStale: (job: Job) => Promise<void>
}

/** Composed answers that one process remembers. */
const MOST_ANSWERS = 200

/** Largest body of a POST that reads. */
const LARGEST_BODY = 32 * 1_024

/** Answers of shapes. What is composed of one publication is composed once. */
export function shapedAnswers({ found, store, clock, onStale }: Choices) {
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
    const wrong = wrongOne(route.parameters, parameters) ?? wrongOne(route.query, query)
    if (wrong !== undefined) return failed(`invalid ${wrong}`, 400)
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
          return {
            statusCode: shaped.status,
            headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...shaped.headers },
            body: asked.method === 'HEAD' ? '' : JSON.stringify(shaped.body),
            isBase64Encoded: false,
          }
        case 'value': {
          const text = JSON.stringify(shaped.body)
          const value = remembered(`${of.path} ${hashOf(text)}`, text, shaped.from)
          return respond(value, job, asked, { waited: false, isCopy: shaped.from.isCopy }, at)
        }
      }
    }
  }

  /** The body is made once; its times are those of what it was made from now. */
  function remembered(name: string, text: string, { of }: ServableSet): Representation {
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
      set: async () => {
        const servable = await found.set(job)
        if (!servable) return undefined
        if (!servable.isCopy && freshness(servable.of, clock.now()) === 'stale') await onStale(job)
        return servable
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
}

/** Whether an answer has the labels of what it is made from now. An operator may have marked that as stale since. */
function isSameTime(known: Representation, of: ServableSet['of']): boolean {
  return (
    known.fetchedAt === of.fetchedAt &&
    known.checkedAt === of.checkedAt &&
    known.freshUntil === of.freshUntil &&
    known.invalidatedAt === of.invalidatedAt &&
    known.dataSource === of.dataSource
  )
}

/** The name of the first value that has not its declared form. */
function wrongOne(
  declared: Readonly<Record<string, Parameter>> = {},
  given: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return Object.entries(declared).find(([name, { pattern }]) => {
    const value = given[name]
    return value !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)
  })?.[0]
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
