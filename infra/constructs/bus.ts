import { Stack } from 'aws-cdk-lib'
import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { EVENT_SOURCE } from '#shared/ports/event-bridge-bus.ts'
import type { Edge } from '../edges.ts'

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

interface RequestedProps {
  readonly bus: EventBus
  readonly jobs: readonly string[]
  /** Only requests of one key, or only those of whole jobs; all of them unless said. */
  readonly of?: 'keys' | 'jobs'
  readonly edge: Edge
  readonly deliveries: Queue
}

/** Invokes an alias when the bus asks for one of its jobs. One more asynchronous edge, so it states its own limits. */
export function requested(
  scope: Construct,
  alias: IFunction,
  { bus, jobs, of, edge, deliveries }: RequestedProps,
): Rule {
  const rule = new Rule(scope, 'Requests', {
    eventBus: bus,
    description: `Refreshes of ${jobs.length === 1 ? jobs[0] : `${jobs.length} jobs`} that are asked for`,
    eventPattern: {
      source: [EVENT_SOURCE],
      detailType: ['refresh.requested'],
      detail: { job: [...jobs], ...(of === undefined ? {} : { key: [{ exists: of === 'keys' }] }) },
    },
  })
  rule.addTarget({
    bind: () => ({
      arn: alias.functionArn,
      deadLetterConfig: { arn: deliveries.queueArn },
      retryPolicy: { maximumRetryAttempts: edge.retries, maximumEventAgeInSeconds: edge.maxAgeMs / 1_000 },
    }),
  })
  alias.addPermission('Requests', { principal: EVENTS, sourceArn: rule.ruleArn })
  return rule
}
