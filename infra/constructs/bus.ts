import { Stack } from 'aws-cdk-lib'
import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { DeliveryPolicy } from '#infra/definitions/delivery-policy.ts'
import { EVENT_SOURCE } from '#shared/adapters/event-bridge.ts'
import type { Job } from '#shared/declare/job.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import { triggeringInputs } from '#shared/engine/gate/input-triggers.ts'

const EVENTS = new ServicePrincipal('events.amazonaws.com')

/**
 * The bus of a stage. One statement allows all its rules to send undelivered events to the queue, because a queue's
 * policy holds 20 statements at most and the construct library would write one per rule.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
 */
export function eventBus(scope: Construct, undeliveredQueue: Queue): EventBus {
  const bus = new EventBus(scope, 'Bus', {
    description: 'Requests of refreshes and notifications of completed ones',
  })
  const stack = Stack.of(scope)
  const rules = { service: 'events', resource: 'rule', resourceName: `${bus.eventBusName}/*` }
  undeliveredQueue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RulesOfTheBus',
      principals: [EVENTS],
      actions: ['sqs:SendMessage'],
      resources: [undeliveredQueue.queueArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn(rules) },
      },
    }),
  )
  return bus
}

interface RefreshRequestedProps {
  readonly bus: EventBus
  readonly jobs: readonly string[]
  /** Only requests of single keys, or only those of whole jobs; both by default. */
  readonly scope?: 'keys' | 'jobs'
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
}

/** Invokes an alias for requests of its jobs on the bus. */
export function onRefreshRequested(
  scope: Construct,
  alias: IFunction,
  { jobs, scope: requestScope, ...props }: RefreshRequestedProps,
): Rule {
  return invokeOnEvent(scope, 'Requests', alias, {
    ...props,
    about: `Requested refreshes of ${jobs.length === 1 ? jobs[0] : `${jobs.length} jobs`}`,
    type: 'refresh.requested',
    detail: {
      job: [...jobs],
      ...(requestScope === undefined ? {} : { key: [{ exists: requestScope === 'keys' }] }),
    },
  })
}

interface InputRefreshedProps {
  readonly bus: EventBus
  /** Jobs that are not off. */
  readonly jobs: readonly Pick<Job, 'schedule' | 'inputs' | 'follows'>[]
  /** Only runs of more than one key; all by default. */
  readonly scope?: 'jobs'
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
}

/**
 * Invokes an alias when an input of one of its jobs was refreshed; without inputs there is no rule.
 */
export function onInputRefreshed(
  scope: Construct,
  alias: IFunction,
  { jobs, scope: inputScope, ...props }: InputRefreshedProps,
): void {
  const inputs = [...new Set(jobs.flatMap(triggeringInputs))].sort()
  if (inputs.length === 0) return
  invokeOnEvent(scope, 'Inputs', alias, {
    ...props,
    about: `Publications of ${inputs.length === 1 ? inputs[0] : `${inputs.length} jobs`} that other jobs read`,
    type: 'dataset.refreshed',
    detail: { job: inputs, ...(inputScope === 'jobs' ? { key: [{ exists: false }] } : {}) },
  })
}

interface InvokeOnEventProps {
  readonly bus: EventBus
  readonly about: string
  readonly type: BusEvent['type']
  readonly detail: Readonly<Record<string, unknown[]>>
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
}

function invokeOnEvent(
  scope: Construct,
  id: string,
  alias: IFunction,
  { bus, about, type, detail, policy, undeliveredQueue }: InvokeOnEventProps,
): Rule {
  const rule = new Rule(scope, id, {
    eventBus: bus,
    description: about,
    eventPattern: { source: [EVENT_SOURCE], detailType: [type], detail },
  })
  rule.addTarget({
    bind: () => ({
      arn: alias.functionArn,
      deadLetterConfig: { arn: undeliveredQueue.queueArn },
      retryPolicy: {
        maximumRetryAttempts: policy.retries,
        maximumEventAgeInSeconds: policy.maxAgeMs / 1_000,
      },
    }),
  })
  alias.addPermission(id, { principal: EVENTS, sourceArn: rule.ruleArn })
  return rule
}
