import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { milliseconds } from '#shared/domain/duration.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { shown } from '#shared/domain/text.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import type { Representation } from '#shared/read/representation.ts'
import { readTarget } from '#shared/read/request.ts'
import { datasetResponse } from '#shared/read/response.ts'
import { typicalInterval } from '../control/overrides.ts'
import type { OperationContext } from '../http/operation.ts'
import { HttpError } from '../http/response.ts'
import { consistentReader, joinOrStartRun, VALUE_WAIT_MS, waitForValue } from './live-run.ts'

/** Parameters that ask the public path for a live read; here they change nothing. */
const LIVE_PARAMETERS: Readonly<Record<string, string>> = { source: 'live', force_refresh: 'true' }

const RETRY_AFTER_S = 30

/**
 * Responds as the public path would, with a value that was checked within the job's interval: a stored one, that of a
 * run in progress, or that of a new run. Where the route declares a spacing, no stored value will do, and a live read
 * that follows the last one earlier gets 429. Waits for at most 8 s, then responds with 503 and the reason; never with an
 * older value.
 */
export async function liveRead(
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  call: OperationContext,
): Promise<HttpResult> {
  expectLiveQuery(call.request.query, route)
  const { clock } = call.ports
  const target = readTarget(job, route, parameters)
  if ('wrong' in target)
    return failureResponse(job.envelope, { status: 400, message: target.wrong }, clock.now())

  const respond = (value: Representation, waited: boolean) =>
    datasetResponse(value, job, call.request, { waited, isFallback: false }, clock.now())
  const readValue = consistentReader(job, target.key, call.ports)
  const before = await readValue()
  const spacingMs = liveSpacingMs(route)
  if (before && spacingMs === undefined && isCheckedInInterval(before, job, clock.now()))
    return respond(before, false)
  if (job.off !== undefined) return notRefreshed(job, `${job.id} is off: ${job.off}`, call)

  const run = await joinOrStartRun({ ...target.refreshTarget, spacingMs }, call)
  if (run.status === 'limited') return tooEarly(job, run.retryAfterMs, clock.now())
  const result = await waitForValue(run.id, before, readValue, job, call)
  if (result.status === 'refreshed') {
    const response = respond(result.value, true)
    return run.status === 'started' ? withBypassLabel(response) : response
  }
  const reason = runFailureText(result.run, run.id, VALUE_WAIT_MS)
  return notRefreshed(job, reason, call, await retryAfterSeconds(job, call))
}

function notRefreshed(
  { title, envelope }: Job,
  reason: string,
  { ports }: OperationContext,
  retryAfterS = RETRY_AFTER_S,
): HttpResult {
  const failure = { status: 503, message: `${title} could not be refreshed: ${reason}` }
  return failureResponse(envelope, failure, ports.clock.now(), { 'retry-after': String(retryAfterS) })
}

/** Why a live read is refused that follows the last one earlier than its route allows. */
export function tooEarlyText({ title }: Job): string {
  return `${title} were read live a short time ago`
}

function tooEarly(job: Job, retryAfterMs: number, now: number): HttpResult {
  const failure = { status: 429, message: tooEarlyText(job) }
  return failureResponse(job.envelope, failure, now, {
    'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
  })
}

/** The least time between two live reads of one key, in ms; `undefined` where the route declares none. */
export function liveSpacingMs({ live }: Pick<Route, 'live'>): number | undefined {
  return live?.spacing === undefined ? undefined : milliseconds(live.spacing)
}

/** @throws {HttpError} 400 for any parameter except those that the route declares or that ask for a live read */
export function expectLiveQuery(
  query: OperationContext['request']['query'],
  { query: declared = {} }: Pick<Route, 'query'>,
): void {
  const other = Object.entries(query).find(
    ([name, value]) => !Object.hasOwn(declared, name) && LIVE_PARAMETERS[name] !== value?.toLowerCase(),
  )
  if (other === undefined) return
  const live = Object.entries(LIVE_PARAMETERS).map(([name, value]) => `${name}=${value}`)
  const allowed = [...Object.keys(declared), ...live].join(' and ')
  const message = `expected no query parameter but ${allowed}, got ${shown(other.join('='))}`
  throw new HttpError({ status: 400, message })
}

/** Whether a value is recent enough, so that it need not be refreshed: fresh and checked within the job's interval. */
export function isCheckedInInterval(value: Representation, job: Job, now: number): boolean {
  return freshness(value, now) === 'fresh' && now - value.checkedAt < typicalInterval(job, now)
}

export function withBypassLabel(response: HttpResult): HttpResult {
  return { ...response, headers: { ...response.headers, 'x-cache': 'BYPASS' } }
}

/** Why a run brought no value. @param run - `undefined` if it did not end within `waitMs` */
export function runFailureText(run: RunRecord | undefined, id: string | undefined, waitMs: number): string {
  if (run === undefined) {
    return `${id === undefined ? 'a run' : `run ${id}`} has not ended within ${waitMs / 1_000} seconds`
  }
  const reason = [run.reason, run.message].filter((part) => part !== undefined).join(': ')
  return `run ${run.id} ended ${run.status}${reason === '' ? '' : ` (${reason})`}`
}

/** Until the end of the upstream's cool-down, if there is one. */
async function retryAfterSeconds({ upstream }: Job, { ports }: OperationContext): Promise<number> {
  if (upstream === undefined) return RETRY_AFTER_S
  const { coolDown } = await ports.store.upstreams.get(upstream)
  const seconds = coolDown === undefined ? 0 : Math.ceil((coolDown.until - ports.clock.now()) / 1_000)
  return seconds > 0 ? seconds : RETRY_AFTER_S
}
