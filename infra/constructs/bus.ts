import { Stack } from 'aws-cdk-lib'
import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { Edge } from '#infra/edges.ts'
import type { Job } from '#shared/declare/job.ts'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import { toldInputs } from '#shared/engine/input.ts'
import { EVENT_SOURCE } from '#shared/ports/event-bridge-bus.ts'

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
  return invoking(scope, 'Requests', alias, {
    bus,
    edge,
    deliveries,
    about: `Refreshes of ${jobs.length === 1 ? jobs[0] : `${jobs.length} jobs`} that are asked for`,
    type: 'refresh.requested',
    detail: { job: [...jobs], ...(of === undefined ? {} : { key: [{ exists: of === 'keys' }] }) },
  })
}

interface RefreshedProps {
  readonly bus: EventBus
  /** Those that run. */
  readonly jobs: readonly Pick<Job, 'schedule' | 'inputs' | 'follows'>[]
  readonly edge: Edge
  readonly deliveries: Queue
}

/**
 * Invokes an alias when an input of one of its jobs has published; without inputs there is no such edge. Runs of one
 * key and of a part are not told of.
 */
export function inputsRefreshed(
  scope: Construct,
  alias: IFunction,
  { bus, jobs, edge, deliveries }: RefreshedProps,
): void {
  const inputs = [...new Set(jobs.flatMap(toldInputs))].sort()
  if (inputs.length === 0) return
  const about = `Publications of ${inputs.length === 1 ? inputs[0] : `${inputs.length} jobs`} that others read`
  invoking(scope, 'Inputs', alias, {
    bus,
    edge,
    deliveries,
    about,
    type: 'dataset.refreshed',
    detail: { job: inputs },
  })
}

interface InvokingProps {
  readonly bus: EventBus
  readonly about: string
  readonly type: BusEvent['type']
  readonly detail: Readonly<Record<string, unknown[]>>
  readonly edge: Edge
  readonly deliveries: Queue
}

function invoking(
  scope: Construct,
  id: string,
  alias: IFunction,
  { bus, about, type, detail, edge, deliveries }: InvokingProps,
): Rule {
  const rule = new Rule(scope, id, {
    eventBus: bus,
    description: about,
    eventPattern: { source: [EVENT_SOURCE], detailType: [type], detail },
  })
  rule.addTarget({
    bind: () => ({
      arn: alias.functionArn,
      deadLetterConfig: { arn: deliveries.queueArn },
      retryPolicy: { maximumRetryAttempts: edge.retries, maximumEventAgeInSeconds: edge.maxAgeMs / 1_000 },
    }),
  })
  alias.addPermission(id, { principal: EVENTS, sourceArn: rule.ruleArn })
  return rule
}
