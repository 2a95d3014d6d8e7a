import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type { JobDeclaration } from '#shared/declare/job.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import type { Work } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { parseRunRequest } from './job-event.ts'
import { jobWork, type SecretsFactory } from './job-work.ts'

/** Kept free at the end of an invocation. */
const RESERVE_MS = 10_000

/** How a run ended. */
type RunResult = Pick<RunRecord, 'id' | 'status'> & { readonly reason?: string }

/**
 * The Lambda function of one job whose runs are plain: reads its event, runs the engine over the real ports. It returns
 * normally once an outcome is recorded, of whatever kind, and throws only when none could be.
 *
 * @param secrets - for a job of a provider that may have a key; others go without, for what it weighs
 * @throws {TypeError} for a job that lacks it, and for one whose runs are tasks: `taskFunction` makes theirs
 */
export function jobFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsFactory) {
  const work = jobWork(declaration, refresh, secrets)
  const { id, run: how } = work.job
  if (how.mode !== 'plain') throw new TypeError(`expected plain runs of ${id}, got a ${how.mode}`)
  return middy<unknown, RunResult>().handler((event: unknown, context: Context) =>
    runJob(event, context, work),
  )
}

/** The run that an event asks for. */
export async function runJob<V>(event: unknown, context: Context, work: Work<V>): Promise<RunResult> {
  const request = parseRunRequest(event, work.job, work.ports.clock.now())
  const { mode } = work.job.run
  // a run of one key is plain in any case
  if (mode !== 'plain' && request.key === undefined)
    throw new TypeError(
      `expected a step of a task or a key of ${work.job.id}, got a run of the whole job: it is submitted`,
    )
  const { id, status, reason } = await run({ ...request, stopBy: invocationDeadline(context, work) }, work)
  return { id, status, ...(reason === undefined ? {} : { reason }) }
}

/** When an invocation has to have ended its work. */
export function invocationDeadline<V>(context: Context, { ports }: Work<V>): number {
  return ports.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MS
}
