import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type { JobDeclaration } from '#shared/declare/job.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { invocationDeadline, runJob } from './job-function.ts'
import { jobWork, type SecretsFactory } from './job-work.ts'
import { isTaskStep, parseTaskStep } from './task-event.ts'

/**
 * The Lambda function of one job whose runs are tasks: takes the steps that its machine asks for and answers what the
 * machine does next; runs of one key are plain.
 *
 * @param secrets - for a job of a provider that may have a key; others go without, for what it weighs
 * @throws {TypeError} for a job that lacks it, and for one whose runs are plain: `jobFunction` makes theirs
 */
export function taskFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsFactory) {
  const work = jobWork(declaration, refresh, secrets)
  const { id, run: how } = work.job
  if (how.mode !== 'task') throw new TypeError(`expected tasks of ${id}, got ${how.mode} runs`)
  return middy<unknown, object>().handler(async (event: unknown, context: Context): Promise<object> => {
    if (!isTaskStep(event)) return runJob(event, context, work)
    return (await runTaskStep(parseTaskStep(event, id), work, invocationDeadline(context, work))) ?? {}
  })
}
