import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type { JobDeclaration } from '#shared/declare/job.ts'
import type { Refresh } from '#shared/engine/refresh.ts'
import { takeStep } from '#shared/engine/task/take-step.ts'
import { runOf, stopBy } from './job-function.ts'
import { jobWork, type SecretsReader } from './job-work.ts'
import { isStep, taskStep } from './task-event.ts'

/**
 * The Lambda function of one job whose runs are tasks: takes the steps that its machine asks for and answers what the
 * machine does next; runs of one key are plain.
 *
 * @param secrets - for a job of a provider that may have a key; others go without, for what it weighs
 * @throws {TypeError} for a job that lacks it, and for one whose runs are plain: `jobFunction` makes theirs
 */
export function taskFunction<V>(declaration: JobDeclaration, refresh: Refresh<V>, secrets?: SecretsReader) {
  const work = jobWork(declaration, refresh, secrets)
  const { id, run: how } = work.job
  if (how.shape !== 'task') throw new TypeError(`expected tasks of ${id}, got ${how.shape} runs`)
  return middy<unknown, object>().handler(async (event: unknown, context: Context): Promise<object> => {
    if (!isStep(event)) return runOf(event, context, work)
    return (await takeStep(taskStep(event, id), work, stopBy(context, work))) ?? {}
  })
}
