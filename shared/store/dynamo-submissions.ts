import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { SubmissionStore } from '#shared/domain/ports/store.ts'
import { dynamoAudits } from './audits.ts'
import { dynamoControls } from './controls.ts'
import { dynamoRuns } from './runs.ts'
import { dynamoStates } from './states.ts'
import { Table } from './table.ts'
import { dynamoSubmissionClaims } from './triggers.ts'

/**
 * The store of submissions over one DynamoDB table.
 *
 * @param unreadable - told of each record that cannot be decoded: it counts as missing
 */
export function dynamoSubmissionStore(
  client: DynamoDBClient,
  tableName: string,
  unreadable: (what: string) => void,
): SubmissionStore {
  const table = new Table(client, tableName, unreadable)
  return {
    runs: dynamoRuns(table),
    submissionClaims: dynamoSubmissionClaims(table),
    audits: dynamoAudits(table),
    states: dynamoStates(table),
    controls: dynamoControls(table),
  }
}
