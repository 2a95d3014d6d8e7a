import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { EventBus } from 'aws-cdk-lib/aws-events'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { StageConfig } from '#infra/config.ts'
import { eventBus } from './bus.ts'
import { failureQueue } from './failure-queue.ts'
import { dataTable } from './table.ts'

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
