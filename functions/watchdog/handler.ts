import middy from '@middy/core'
import { jobs } from '#functions/jobs/declared.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { functionBus, reportUndecodable } from '#functions/runtime/ports.ts'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { withOnly } from '#shared/declare/only.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { emitMetrics } from './metrics.ts'
import type { WatchPorts } from './report.ts'
import { type WatchResult, watchJob } from './watch.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('watchdog')
const resolved = withOnly(
  jobs.map((job) => resolveJob(job, environment.settings)),
  environment.only,
)
const conditions = conditionsOf(resolved.filter(({ off }) => off === undefined))

const ports: WatchPorts = {
  store: dynamoStore(
    dynamoClient(3, awsTimeouts(environment.awsTimeoutMs)),
    environment.table,
    systemClock,
    reportUndecodable(log, environment, systemClock),
  ),
  bus: functionBus(environment),
  clock: systemClock,
  log,
}

/**
 * Checks every job. Metrics are emitted also when one job could not be checked; the invocation then fails, so that both the
 * missing series and the error alarm show it.
 */
export const handler = middy().handler(async (): Promise<readonly WatchResult[]> => {
  const checks = await Promise.allSettled(resolved.map((job) => watchJob(job, ports)))
  const results = checks.flatMap((check) =>
    check.status === 'fulfilled' && check.value ? [check.value] : [],
  )
  emitMetrics(environment.stage, results, conditions)
  const failures = checks.flatMap((check, index) => {
    if (check.status === 'fulfilled') return []
    const job = resolved[index]?.id ?? ''
    log.error('A job could not be checked', { job, error: check.reason })
    return [{ job, reason: check.reason as unknown }]
  })
  if (failures.length > 0) {
    const names = failures.map(({ job }) => job).join(', ')
    const reasons = failures.map(({ reason }) => reason)
    throw new AggregateError(
      reasons,
      `${failures.length} of ${checks.length} jobs could not be checked: ${names}`,
    )
  }
  return results
})
