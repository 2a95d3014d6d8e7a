import { Duration, TimeZone } from 'aws-cdk-lib'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { cadenceOf } from '#infra/definitions/cadence.ts'
import { type DeliveryPolicy, tickDeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import type { Job } from '#shared/declare/job.ts'
import { clockOf, type Schedule as DeclaredSchedule } from '#shared/declare/schedule.ts'
import { defined } from '#shared/domain/defined.ts'

/** Delivers the ticks of a job to an alias. A job that runs on demand has none. */
export function scheduleTicks(scope: Construct, alias: IFunction, job: Job, undeliveredQueue: Queue): void {
  const schedule = clockOf(job.schedule)
  if (!schedule) return
  scheduleInvocation(scope, alias, {
    about: `Ticks of ${job.id}`,
    schedule,
    spreadMs: job.spreadMs,
    policy: tickDeliveryPolicy(cadenceOf(schedule)),
    undeliveredQueue,
    input: ScheduleTargetInput.fromObject({ job: job.id, tick: ContextAttribute.scheduledTime }),
  })
}

interface ScheduleInvocationProps {
  readonly about: string
  readonly schedule: DeclaredSchedule
  /** Largest delay by the scheduler, in whole minutes; 0 for none. */
  readonly spreadMs: number
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
  readonly input?: ScheduleTargetInput
}

/** Invokes an alias on a schedule, with a role that may only do that and send undelivered events to the queue. */
export function scheduleInvocation(
  scope: Construct,
  alias: IFunction,
  props: ScheduleInvocationProps,
): Schedule {
  const { schedule, spreadMs, policy } = props
  return new Schedule(scope, 'Schedule', {
    description: props.about,
    schedule: ScheduleExpression.expression(schedule.expression, TimeZone.of(schedule.zone)),
    timeWindow: spreadMs > 0 ? TimeWindow.flexible(Duration.millis(spreadMs)) : TimeWindow.off(),
    target: new LambdaInvoke(alias, {
      retryAttempts: policy.retries,
      maxEventAge: Duration.millis(policy.maxAgeMs),
      deadLetterQueue: props.undeliveredQueue,
      ...defined({ input: props.input }),
    }),
  })
}
