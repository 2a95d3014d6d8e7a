import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { DAY_MS, milliseconds } from '#shared/domain/duration.ts'
import { shown } from '#shared/domain/text.ts'
import { isoText } from '#shared/domain/time.ts'
import type { OperationContext, OperationHandler } from '../http/operation.ts'
import {
  bodyMember,
  expectOnlyParameters,
  jobOfPath,
  parseIsoTime,
  parseOperationBody,
  reasonMember,
} from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { controlView, isoTimeMember, publishControl, updateControl } from './control.ts'

const MAX_PAUSE_MS = 366 * DAY_MS

const durationMember = bodyMember<string>(
  (value) => typeof value === 'string' && durationMs(value) !== undefined,
  'a duration such as "2 hours"',
)

const pauseBody = z.strictObject({
  until: z.optional(isoTimeMember),
  for: z.optional(durationMember),
  reason: reasonMember,
})

const resumeBody = z.strictObject({ reason: z.optional(reasonMember) })

/** How a job is paused. */
interface Pause {
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly reason: string
}

/** Pauses a job for at most a year: ticks and stale reads start no run; operators and cold reads do. */
export const pause: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  return jsonResponse(200, await pauseJob(job, parsePause(call), call))
}

/** Ends a pause; changes nothing if the job is not paused. */
export const resume: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  return jsonResponse(200, await resumeJob(job, parseResume(call), call))
}

/** Pauses every job that is not off, one after the other. */
export const pauseAll: OperationHandler = async (call) => {
  const pause = parsePause(call)
  return jsonResponse(200, await forEachJob(call, (job) => pauseJob(job, pause, call)))
}

/** Ends the pause of every job that is not off. */
export const resumeAll: OperationHandler = async (call) => {
  const resume = parseResume(call)
  return jsonResponse(200, await forEachJob(call, (job) => resumeJob(job, resume, call)))
}

async function pauseJob(job: Job, { until, reason }: Pause, call: OperationContext) {
  const { request } = call
  const control = await updateControl(call, job, {
    action: 'pause',
    reason,
    message: `Job paused until ${isoText(until)}`,
    decide: (current) => ({ ...current, pause: { until, reason, by: request.actor } }),
  })
  await publishControl(job, control, call)
  return { job: job.id, control: controlView(control, request.at) }
}

async function resumeJob(job: Job, { reason }: z.infer<typeof resumeBody>, call: OperationContext) {
  const { request } = call
  const control = await updateControl(call, job, {
    action: 'resume',
    reason,
    message: 'Job resumed',
    decide: ({ pause: current, ...rest }) => (current && current.until > request.at ? rest : undefined),
  })
  await publishControl(job, control, call)
  return { job: job.id, control: controlView(control, request.at) }
}

/**
 * Changes every job that is not off, in the order of their ids.
 *
 * @throws {HttpError} that of the first job that fails, which names the jobs that were changed before: a repetition changes all
 */
async function forEachJob<T>({ system }: OperationContext, change: (job: Job) => Promise<T>) {
  const results: T[] = []
  const active = system.jobs.filter(({ off }) => off === undefined).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const [index, job] of active.entries()) {
    try {
      results.push(await change(job))
    } catch (error) {
      if (!(error instanceof HttpError) || index === 0) throw error
      const done = active.slice(0, index).map(({ id }) => id)
      const message = `${job.id}: ${error.message}; changed before: ${done.join(', ')}`
      throw new HttpError(
        { status: error.result.statusCode, message, members: { changed: done } },
        { cause: error },
      )
    }
  }
  return { jobs: results }
}

/** @throws {HttpError} 400 for a pause that is not in the future, over a year long, or has not exactly one of until and for */
function parsePause({ request }: OperationContext): Pause {
  expectOnlyParameters(request.query, [])
  const { until: untilText, for: durationText, reason } = parseOperationBody(request, pauseBody)
  if ((untilText === undefined) === (durationText === undefined)) {
    const got = untilText === undefined ? 'neither' : 'both'
    throw new HttpError({ status: 400, message: `expected either until or for, got ${got}` })
  }
  const until =
    durationText === undefined
      ? parseIsoTime(untilText ?? '')
      : request.at + (durationMs(durationText) ?? Number.NaN)
  if (until !== undefined && until > request.at && until <= request.at + MAX_PAUSE_MS)
    return { until, reason }
  const message =
    durationText === undefined
      ? `until: expected a time in the future, at most a year away; got ${shown(untilText)}`
      : `for: expected at most a year, got ${shown(durationText)}`
  throw new HttpError({ status: 400, message })
}

function parseResume({ request }: OperationContext) {
  expectOnlyParameters(request.query, [])
  return parseOperationBody(request, resumeBody)
}

/** Milliseconds of a duration such as `2 hours`; `undefined` for any other text. */
function durationMs(text: string): number | undefined {
  try {
    return milliseconds(text as Parameters<typeof milliseconds>[0])
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
