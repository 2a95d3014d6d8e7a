import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { ContextAttribute, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { cadenceOf } from '#infra/cadence.ts'
import { tickDeliveryPolicy } from '#infra/edges.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import { scheduleInvocation } from './scheduled.ts'

/** Delivers the ticks of a job to an alias; one that runs on demand has none. */
export function scheduleTicks(
  scope: Construct,
  alias: IFunction,
  { id, schedule: timing, spreadMs }: Job,
  undeliveredQueue: Queue,
): void {
  const schedule = clockOf(timing)
  if (!schedule) return
  scheduleInvocation(scope, alias, {
    about: `Ticks of ${id}`,
    schedule,
    spreadMs,
    policy: tickDeliveryPolicy(cadenceOf(schedule)),
    undeliveredQueue,
    input: ScheduleTargetInput.fromObject({ job: id, tick: ContextAttribute.scheduledTime }),
  })
}
