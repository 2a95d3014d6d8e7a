import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { HistoryClearance } from '#shared/domain/ports/history-store.ts'
import type { KeyStore, OperatorStore, Store, SubmissionStore } from '#shared/domain/ports/store.ts'
import { dynamoAudits } from './audit.ts'
import { dynamoControls } from './controls.ts'
import { dynamoHistory } from './history.ts'
import { dynamoHistoryClearance } from './history-clearance.ts'
import { dynamoItems } from './items.ts'
import { DynamoStates } from './job-states.ts'
import { dynamoOperatorRecords } from './operator-records.ts'
import { dynamoKeyReader, dynamoKeys } from './published-keys.ts'
import { dynamoRecords } from './records.ts'
import { dynamoRejected } from './rejected.ts'
import { DynamoRuns } from './runs.ts'
import { dynamoSnapshots } from './snapshots.ts'
import { Table } from './table/table.ts'
import { dynamoOperatorClaims, dynamoSubmissionClaims, dynamoTasks } from './tasks.ts'
import { dynamoUpstreams } from './upstream-states.ts'

/**
 * The store of runs in one DynamoDB table.
 *
 * @param unreadable - called for each record that cannot be decoded; such a record counts as missing
 */
export function dynamoStore(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
  unreadable: (description: string) => void,
): Store {
  return storeForTable(new Table(client, tableName, unreadable), clock)
}

/** The store of runs in an open table. */
function storeForTable(table: Table, clock: Clock): Store & Pick<OperatorStore, 'operatorRecords'> {
  return {
    items: dynamoItems(table, clock),
    keys: dynamoKeys(table),
    snapshots: dynamoSnapshots(table, clock),
    history: dynamoHistory(table, clock),
    rejected: dynamoRejected(table, clock),
    runs: new DynamoRuns(table),
    tasks: dynamoTasks(table),
    states: new DynamoStates(table),
    controls: dynamoControls(table),
    upstreams: dynamoUpstreams(table),
    operatorRecords: dynamoOperatorRecords(table),
  }
}

/**
 * The store with the parts that only operators need; those stay out of the bundles of jobs.
 *
 * @param unreadable - called for each record that cannot be decoded; such a record counts as missing
 */
export function dynamoOperatorStore(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
  unreadable: (description: string) => void,
): OperatorStore {
  const table = new Table(client, tableName, unreadable)
  const store = storeForTable(table, clock)
  return {
    ...store,
    history: { ...store.history, ...dynamoHistoryClearance(table, clock) },
    records: dynamoRecords(table, clock),
    audits: dynamoAudits(table),
    operatorClaims: dynamoOperatorClaims(table),
  }
}

/**
 * What retention uses of the table.
 *
 * @param unreadable - called for each record that cannot be decoded; such a record counts as missing
 */
export function dynamoRetentionStore(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
  unreadable: (description: string) => void,
): { readonly history: HistoryClearance; readonly keys: Pick<KeyStore, 'list'> } {
  const table = new Table(client, tableName, unreadable)
  return { history: dynamoHistoryClearance(table, clock), keys: dynamoKeyReader(table) }
}

/**
 * The store of submissions in one DynamoDB table.
 *
 * @param unreadable - called for each record that cannot be decoded; such a record counts as missing
 */
export function dynamoSubmissionStore(
  client: DynamoDBClient,
  tableName: string,
  unreadable: (description: string) => void,
): SubmissionStore {
  const table = new Table(client, tableName, unreadable)
  return {
    runs: new DynamoRuns(table),
    submissionClaims: dynamoSubmissionClaims(table),
    audits: dynamoAudits(table),
    states: new DynamoStates(table),
    controls: dynamoControls(table),
  }
}
