import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, Billing, type ITableV2, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { FAILURE_RETENTION_MS } from '#infra/definitions/delivery-policy.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { defined } from '#shared/domain/defined.ts'
import { acknowledge } from './acknowledgements.ts'
import { eventBus } from './bus.ts'

/** The resources that all functions share. */
export interface Foundation {
  readonly config: StageConfig
  readonly table: Pick<ITableV2, 'tableArn' | 'tableName'>
  readonly bus: EventBus
  /** Events that could not be delivered to a function. */
  readonly undeliveredQueue: Queue
  /** Events of invocations that failed without an outcome. */
  readonly failedRunsQueue: Queue
  /** Variables that every function needs; no secrets. */
  readonly environment: Readonly<Record<string, string>>
}

/** The table, the bus and the two failure queues of a stage. */
export function createFoundation(scope: Construct, config: StageConfig, version: string): Foundation {
  const own = dataTable(scope, config)
  const { restoredTable } = config
  // the own table stays, so that the stack can return to it
  const table =
    restoredTable === undefined ? own : TableV2.fromTableName(scope, 'RestoredTable', restoredTable)
  const undeliveredQueue = failureQueue(scope, 'Undelivered')
  const failedRunsQueue = failureQueue(scope, 'FailedRuns')
  const bus = eventBus(scope, undeliveredQueue)
  const environment = {
    FRESHET_TABLE: table.tableName,
    FRESHET_BUS: bus.eventBusName,
    FRESHET_STAGE: config.stage,
    FRESHET_VERSION: version,
    ...defined<Record<string, string | undefined>>({ FRESHET_CONTACT: config.contact }),
  }
  return { config, table, bus, undeliveredQueue, failedRunsQueue, environment }
}

/** The origins that reads and submissions answer with CORS headers; no variable without any. */
export function corsEnvironment({ corsOrigins }: Pick<StageConfig, 'corsOrigins'>): Record<string, string> {
  return corsOrigins.length === 0 ? {} : { FRESHET_CORS_ORIGINS: corsOrigins.join() }
}

/**
 * The one table: on demand, with time to live on `expiresAt` and point-in-time recovery, without an index. Another key is an
 * update in place.
 */
function dataTable(
  scope: Construct,
  { deletionProtection, encryptionKeyArn }: Pick<StageConfig, 'deletionProtection' | 'encryptionKeyArn'>,
): TableV2 {
  const encryption =
    encryptionKeyArn === undefined
      ? TableEncryptionV2.awsManagedKey()
      : TableEncryptionV2.customerManagedKey(Key.fromKeyArn(scope, 'TableKey', encryptionKeyArn))
  return new TableV2(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billing: Billing.onDemand(),
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption,
    deletionProtection,
    removalPolicy: deletionProtection ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

/** A queue for events whose delivery failed: encrypted, TLS only, with the longest retention. */
function failureQueue(scope: Construct, id: string): Queue {
  const queue = new Queue(scope, id, {
    retentionPeriod: Duration.millis(FAILURE_RETENTION_MS),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  })
  const reason = 'it is a dead-letter queue itself'
  acknowledge(queue, 'AwsSolutions-SQS3', reason)
  acknowledge(queue, 'Serverless-SQSRedrivePolicy', reason)
  return queue
}
