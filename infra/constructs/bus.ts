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
 * The bus of a stage. All its rules may leave what they could not deliver: one statement for all of them, because a
 * queue's policy holds twenty at most and the construct library would write one a rule.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html
 */
export function eventBus(scope: Construct, deliveries: Queue): EventBus {
  const bus = new EventBus(scope, 'Bus', { description: 'Asks for refreshes; tells of those that were made' })
  const rules = { service: 'events', resource: 'rule', resourceName: `${bus.eventBusName}/*` }
  deliveries.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RulesOfTheBus',
      principals: [EVENTS],
      actions: ['sqs:SendMessage'],
      resources: [deliveries.queueArn],
      conditions: { ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn(rules) } },
    }),
  )
  return bus
}

interface RefreshRequestedProps {
  readonly bus: EventBus
  readonly jobs: readonly string[]
  /** Only requests of one key, or only those of whole jobs; all of them unless said. */
  readonly scope?: 'keys' | 'jobs'
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
}

/** Invokes an alias when the bus asks for one of its jobs. One more asynchronous edge, so it states its own limits. */
export function onRefreshRequested(
  scope: Construct,
  alias: IFunction,
  { bus, jobs, scope: of, policy, undeliveredQueue }: RefreshRequestedProps,
): Rule {
  return invokeOnEvent(scope, 'Requests', alias, {
    bus,
    policy,
    undeliveredQueue,
    about: `Refreshes of ${jobs.length === 1 ? jobs[0] : `${jobs.length} jobs`} that are asked for`,
    type: 'refresh.requested',
    detail: { job: [...jobs], ...(of === undefined ? {} : { key: [{ exists: of === 'keys' }] }) },
  })
}

interface InputRefreshedProps {
  readonly bus: EventBus
  /** Those that run. */
  readonly jobs: readonly Pick<Job, 'schedule' | 'inputs' | 'follows'>[]
  readonly policy: DeliveryPolicy
  readonly undeliveredQueue: Queue
}

/**
 * Invokes an alias when an input of one of its jobs has published; without inputs there is no such edge. Runs of one
 * key and of a part are not told of.
 */
export function onInputRefreshed(
  scope: Construct,
  alias: IFunction,
  { bus, jobs, policy, undeliveredQueue }: InputRefreshedProps,
): void {
  const inputs = [...new Set(jobs.flatMap(triggeringInputs))].sort()
  if (inputs.length === 0) return
  const about = `Publications of ${inputs.length === 1 ? inputs[0] : `${inputs.length} jobs`} that others read`
  invokeOnEvent(scope, 'Inputs', alias, {
    bus,
    policy,
    undeliveredQueue,
    about,
    type: 'dataset.refreshed',
    detail: { job: inputs },
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
