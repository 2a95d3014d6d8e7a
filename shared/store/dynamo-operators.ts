import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import { dynamoAudits } from './audits.ts'
import { storeForTable } from './dynamo.ts'
import { Table } from './table.ts'
import { dynamoOperatorClaims } from './triggers.ts'

/**
 * The whole store over one DynamoDB table, with what operators alone need: it stays out of the bundles of jobs.
 *
 * @param unreadable - told of each record that cannot be decoded: it counts as missing
 */
export function dynamoOperatorStore(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
  unreadable: (what: string) => void,
): OperatorStore {
  const table = new Table(client, tableName, unreadable)
  return {
    ...storeForTable(table, clock),
    audits: dynamoAudits(table),
    operatorClaims: dynamoOperatorClaims(table),
  }
}
