import { askedFor } from '#functions/serving/asked-for.ts'
import type { Representation } from '#functions/serving/representation.ts'
import { respond } from '#functions/serving/respond.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Route } from '#shared/declare/route.ts'
import { freshness } from '#shared/domain/freshness.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { failureIn, type HttpResult } from '#shared/http/problem.ts'
import { runForLive } from './live-run.ts'
import { awaited } from './live-wait.ts'
import { lookAt } from './look-at.ts'
import type { Call } from './operation.ts'
import { Refused, shown } from './refused.ts'
import { usualInterval } from './usual-interval.ts'

/** What a reader may have said to the public path, and is so here. */
const SAID: Readonly<Record<string, string>> = { source: 'live', force_refresh: 'true' }

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
  call: Call,
): Promise<HttpResult> {
  expectNothingElse(call.request.query)
  const { clock } = call.ports
  const failed = (status: number, message: string, headers?: Readonly<Record<string, string>>) =>
    failureIn(job.envelope, { status, message }, clock.now(), headers)
  const asked = askedFor(job, route, parameters)
  if ('wrong' in asked) return failed(400, asked.wrong)

  const answer = (value: Representation, waited: boolean) =>
    respond(value, job, call.request, { waited, isCopy: false }, clock.now())
  const look = lookAt(job, asked.key, call.ports)
  const before = await look()
  if (before && isOfThisInterval(before, job, clock.now())) return answer(before, false)
  if (job.off !== undefined) return unavailable(`${job.id} is off: ${job.off}`)

  const run = await runForLive(asked.wanted, call)
  const ending = await awaited(run.id, before, look, job, call)
  if (ending.status === 'there') {
    const result = answer(ending.value, true)
    return run.isOurs ? bypassing(result) : result
  }
  return unavailable(whyNot(ending.run, run.id), await secondsToWait(job, call))

  function unavailable(message: string, seconds = RETRY_AFTER_S): HttpResult {
    return failed(503, `${job.title} could not be refreshed: ${message}`, { 'retry-after': String(seconds) })
  }
}

/** @throws {Refused} 400 for what would ask for something else than a live read */
export function expectNothingElse(query: Call['request']['query']): void {
  const other = Object.entries(query).find(([name, value]) => SAID[name] !== value?.toLowerCase())
  if (other === undefined) return
  const said = Object.entries(SAID).map(([name, value]) => `${name}=${value}`)
  const message = `expected no query parameter but ${said.join(' and ')}, got ${shown(other.join('='))}`
  throw new Refused({ status: 400, message })
}

/** Whether asking again would be once too often. One that was marked as stale is not what is wanted. */
export function isOfThisInterval(value: Representation, job: Job, now: number): boolean {
  return freshness(value, now) === 'fresh' && now - value.checkedAt < usualInterval(job, now)
}

export function bypassing(result: HttpResult): HttpResult {
  return { ...result, headers: { ...result.headers, 'x-cache': 'BYPASS' } }
}

export function whyNot(run: RunRecord | undefined, id: string | undefined): string {
  if (run === undefined) return `${id === undefined ? 'a run' : `run ${id}`} has not ended within 8 seconds`
  const why = [run.reason, run.message].filter((part) => part !== undefined).join(': ')
  return `run ${run.id} ended ${run.status}${why === '' ? '' : ` (${why})`}`
}

/** A provider that is left alone is known to be so until then. */
async function secondsToWait({ upstream }: Job, { ports }: Call): Promise<number> {
  const { coolDown } = await ports.store.upstreams.get(upstream)
  const left = coolDown === undefined ? 0 : Math.ceil((coolDown.until - ports.clock.now()) / 1_000)
  return left > 0 ? left : RETRY_AFTER_S
}
