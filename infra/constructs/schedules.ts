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

interface ScheduleInvocationProps {
  readonly about: string
  readonly schedule: DeclaredSchedule
  /** How late the scheduler may be, in whole minutes; 0 for never. */
  readonly spreadMs: number
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
  readonly input?: ScheduleTargetInput
}

/** Invokes an alias on a schedule, by a role that may do nothing else than that and keep what it could not deliver. */
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
      ...(props.input === undefined ? {} : { input: props.input }),
    }),
  })
}
