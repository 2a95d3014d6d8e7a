import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import middy from '@middy/core'
import { jobs } from '#functions/jobs/declared.ts'
import { functionEnvironment } from '#functions/runtime/environment.ts'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { conditionsOf } from '#shared/domain/conditions.ts'
import { emitMetrics } from './metrics.ts'
import type { WatchPorts } from './report.ts'
import { type WatchResult, watchJob } from './watch.ts'

const environment = functionEnvironment(process.env)
const log = powertoolsLog('watchdog')
const resolved = jobs.map((job) => resolveJob(job, environment.settings))
const conditions = conditionsOf(resolved.filter(({ off }) => off === undefined))

const ports: WatchPorts = {
  store: dynamoStore(dynamoClient(3), environment.table, systemClock, (what) =>
    log.error('A stored record cannot be read and counts as missing', { what }),
  ),
  bus: eventBridgeBus(new EventBridgeClient({ maxAttempts: 3, ...AWS_TIMEOUTS }), environment.bus),
  clock: systemClock,
  log,
}

/**
 * Looks after every job. What was seen is emitted even when one job could not be looked after; the invocation fails
 * then, so that missing metrics and a failed invocation both tell.
 */
export const handler = middy().handler(async (): Promise<readonly WatchResult[]> => {
  const seen = await Promise.allSettled(resolved.map((job) => watchJob(job, ports)))
  const watched = seen.flatMap((one) => (one.status === 'fulfilled' && one.value ? [one.value] : []))
  emitMetrics(environment.stage, watched, conditions)
  const failures = seen.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${seen.length} jobs could not be looked after`)
  return watched
})
