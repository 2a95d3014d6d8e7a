import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { failureResponse, type HttpResult } from '#shared/http/problem.ts'
import type { Representation } from '#shared/read/representation.ts'
import { readTarget } from '#shared/read/request.ts'
import { datasetResponse } from '#shared/read/response.ts'
import type { OperationContext } from './http/operation.ts'
import { HttpError, shown } from './http/response.ts'
import { consistentReader, joinOrStartRun, waitForValue } from './live-run.ts'
import { typicalInterval } from './overrides.ts'

/** What a reader may have said to the public path, and is so here. */
const LIVE_PARAMETERS: Readonly<Record<string, string>> = { source: 'live', force_refresh: 'true' }

const RETRY_AFTER_S = 30

/**
 * Answers as the public path would, with a value that was checked within the job's interval: one that is stored, one
 * that a run under way brings, or one of a run that is asked for. At most eight seconds later the answer is there, or
 * says why not; it is never an older value.
 */
export async function liveRead(
  job: Job,
  route: Route,
  parameters: Readonly<Record<string, string>>,
  call: OperationContext,
): Promise<HttpResult> {
  expectLiveQuery(call.request.query)
  const { clock } = call.ports
  const failed = (status: number, message: string, headers?: Readonly<Record<string, string>>) =>
    failureResponse(job.envelope, { status, message }, clock.now(), headers)
  const asked = readTarget(job, route, parameters)
  if ('wrong' in asked) return failed(400, asked.wrong)

  const answer = (value: Representation, waited: boolean) =>
    datasetResponse(value, job, call.request, { waited, isFallback: false }, clock.now())
  const look = consistentReader(job, asked.key, call.ports)
  const before = await look()
  if (before && isCheckedInInterval(before, job, clock.now())) return answer(before, false)
  if (job.off !== undefined) return unavailable(`${job.id} is off: ${job.off}`)

  const run = await joinOrStartRun(asked.refreshTarget, call)
  const ending = await waitForValue(run.id, before, look, job, call)
  if (ending.status === 'there') {
    const result = answer(ending.value, true)
    return run.isStartedHere ? withBypassLabel(result) : result
  }
  return unavailable(runFailureText(ending.run, run.id), await retryAfterSeconds(job, call))

  function unavailable(message: string, seconds = RETRY_AFTER_S): HttpResult {
    return failed(503, `${job.title} could not be refreshed: ${message}`, { 'retry-after': String(seconds) })
  }
}

/** @throws {HttpError} 400 for what would ask for something else than a live read */
export function expectLiveQuery(query: OperationContext['request']['query']): void {
  const other = Object.entries(query).find(([name, value]) => LIVE_PARAMETERS[name] !== value?.toLowerCase())
  if (other === undefined) return
  const said = Object.entries(LIVE_PARAMETERS).map(([name, value]) => `${name}=${value}`)
  const message = `expected no query parameter but ${said.join(' and ')}, got ${shown(other.join('='))}`
  throw new HttpError({ status: 400, message })
}

/** Whether asking again would be once too often. One that was marked as stale is not what is wanted. */
export function isCheckedInInterval(value: Representation, job: Job, now: number): boolean {
  return freshness(value, now) === 'fresh' && now - value.checkedAt < typicalInterval(job, now)
}

export function withBypassLabel(result: HttpResult): HttpResult {
  return { ...result, headers: { ...result.headers, 'x-cache': 'BYPASS' } }
}

export function runFailureText(run: RunRecord | undefined, id: string | undefined): string {
  if (run === undefined) return `${id === undefined ? 'a run' : `run ${id}`} has not ended within 8 seconds`
  const why = [run.reason, run.message].filter((part) => part !== undefined).join(': ')
  return `run ${run.id} ended ${run.status}${why === '' ? '' : ` (${why})`}`
}

/** A provider that is left alone is known to be so until then. */
async function retryAfterSeconds({ upstream }: Job, { ports }: OperationContext): Promise<number> {
  const { coolDown } = await ports.store.upstreams.get(upstream)
  const left = coolDown === undefined ? 0 : Math.ceil((coolDown.until - ports.clock.now()) / 1_000)
  return left > 0 ? left : RETRY_AFTER_S
}
