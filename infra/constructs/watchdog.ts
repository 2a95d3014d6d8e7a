import type { Construct } from 'constructs'
import { cadenceOf } from '#infra/definitions/cadence.ts'
import { asyncInvokePolicy, tickDeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import { watchdogPermissions } from '#infra/definitions/permissions.ts'
import { WATCHDOG_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import { watchSchedule } from '#shared/declare/watchdog.ts'
import { AliasedFunction, type FunctionProps } from './aliased-function.ts'
import { policyStatements } from './permissions.ts'
import { scheduleInvocation } from './schedules.ts'

interface WatchdogProps extends FunctionProps {
  /** All jobs, including those that are off, whose state it publishes too. */
  readonly jobs: readonly Job[]
}

/** Checks all jobs on its own schedule, independent of theirs. */
export function watchdogFunction(scope: Construct, { jobs, ...props }: WatchdogProps): AliasedFunction {
  const { undeliveredQueue, failedRunsQueue } = props.foundation
  const watchdog = new AliasedFunction(scope, 'Watchdog', {
    ...props,
    about: 'Overdue data, missed ticks, abandoned runs, first runs',
    timeoutMs: WATCHDOG_TIMEOUT_MS,
    permissions: policyStatements(scope, watchdogPermissions(jobs), props.foundation),
  })
  watchdog.configureAsyncInvoke(asyncInvokePolicy({ schedule: watchSchedule }), failedRunsQueue)
  scheduleInvocation(watchdog, watchdog.alias, {
    about: 'Checks by the watchdog',
    schedule: watchSchedule,
    spreadMs: 0,
    policy: tickDeliveryPolicy(cadenceOf(watchSchedule)),
    undeliveredQueue,
  })
  return watchdog
}
