import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { StageConfig } from '#infra/stages/config.ts'
import { acknowledge } from './acknowledgements.ts'
import { eventBus } from './bus.ts'

/** What every function stands on. */
export interface Foundation {
  readonly config: StageConfig
  readonly table: TableV2
  readonly bus: EventBus
  /** What could not be delivered to a function. */
  readonly undeliveredQueue: Queue
  /** What a function did not handle. */
  readonly failedRunsQueue: Queue
  /** Names that every function needs; no secret. */
  readonly environment: Readonly<Record<string, string>>
}

/** The table, the bus and the two failure queues of a stage. */
export function createFoundation(scope: Construct, config: StageConfig, version: string): Foundation {
  const table = dataTable(scope, { kept: config.deletionProtection })
  const undeliveredQueue = failureQueue(scope, 'Undelivered')
  const failedRunsQueue = failureQueue(scope, 'FailedRuns')
  const bus = eventBus(scope, undeliveredQueue)
  const environment = {
    FRESHET_TABLE: table.tableName,
    FRESHET_BUS: bus.eventBusName,
    FRESHET_STAGE: config.stage,
    FRESHET_VERSION: version,
    ...(config.contact === undefined ? {} : { FRESHET_CONTACT: config.contact }),
  }
  return { config, table, bus, undeliveredQueue, failedRunsQueue, environment }
}

/** The origins that reads and submissions answer with CORS headers; no variable without any. */
export function corsEnvironment({ corsOrigins }: Pick<StageConfig, 'corsOrigins'>): Record<string, string> {
  return corsOrigins.length === 0 ? {} : { FRESHET_CORS_ORIGINS: corsOrigins.join() }
}

/** The one table: on demand, cleared by `expiresAt`, restorable to any second, without an index. */
export function dataTable(scope: Construct, { kept }: { readonly kept: boolean }): TableV2 {
  return new TableV2(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: TableEncryptionV2.awsManagedKey(),
    deletionProtection: kept,
    removalPolicy: kept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

/** Where an asynchronous edge leaves what it gave up: encrypted, over TLS only, kept for fourteen days. */
export function failureQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  })
  acknowledge(queue, 'AwsSolutions-SQS3', 'it is a dead-letter queue itself')
  acknowledge(queue, 'Serverless-SQSRedrivePolicy', 'it is a dead-letter queue itself')
  return queue
}
