import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { watchSchedule } from '#functions/watchdog/schedule.ts'
import { cadenceOf } from '#infra/definitions/cadence.ts'
import { asyncInvokePolicy, tickDeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import { WATCHDOG_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import { AliasedFunction } from './aliased-function.ts'
import type { Foundation } from './foundation.ts'
import { publishPermission, watchdogPermissions } from './permissions.ts'
import { scheduleInvocation } from './schedules.ts'

const MEMORY_MB = 512

interface WatchdogProps {
  /** Those that are off too: it notes that they are. */
  readonly jobs: readonly Job[]
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** Looks after all jobs on its own schedule, and depends on none of theirs. */
export function watchdogFunction(
  scope: Construct,
  { jobs, code, settings, foundation }: WatchdogProps,
): AliasedFunction {
  const { table, bus, environment, config, undeliveredQueue, failedRunsQueue } = foundation
  const cadence = cadenceOf(watchSchedule)
  const live = new AliasedFunction(scope, 'Watchdog', {
    about: 'Overdue data, missed ticks, abandoned runs, first runs',
    code,
    memoryMb: MEMORY_MB,
    timeoutMs: WATCHDOG_TIMEOUT_MS,
    environment: { ...environment, NODE_OPTIONS: '--enable-source-maps', ...settings },
    permissions: [...(jobs.length > 0 ? watchdogPermissions(table, jobs) : []), publishPermission(bus)],
    config,
  })
  live.configureAsyncInvoke(asyncInvokePolicy({ schedule: watchSchedule }), failedRunsQueue)
  scheduleInvocation(live, live.alias, {
    about: 'Looks of the watchdog',
    schedule: watchSchedule,
    spreadMs: 0,
    policy: tickDeliveryPolicy(cadence),
    undeliveredQueue,
  })
  return live
}
