import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { OperatorStore, Store, SubmissionStore } from '#shared/domain/ports/store.ts'
import { dynamoAudits } from './audit.ts'
import { dynamoControls } from './controls.ts'
import { dynamoHistory } from './history.ts'
import { dynamoItems, dynamoKeys } from './items.ts'
import { dynamoStates } from './job-states.ts'
import { dynamoRejected } from './rejected.ts'
import { dynamoRuns } from './runs.ts'
import { dynamoSnapshots } from './snapshots.ts'
import { Table } from './table/table.ts'
import { dynamoOperatorClaims, dynamoSubmissionClaims, dynamoTasks } from './tasks.ts'
import { dynamoUpstreams } from './upstream-states.ts'

/**
 * The store of runs over one DynamoDB table.
 *
 * @param unreadable - told of each record that cannot be decoded: it counts as missing
 */
export function dynamoStore(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
  unreadable: (what: string) => void,
): Store {
  return storeForTable(new Table(client, tableName, unreadable), clock)
}

/** The same over a table that is open already. */
export function storeForTable(table: Table, clock: Clock): Store {
  return {
    items: dynamoItems(table, clock),
    keys: dynamoKeys(table),
    snapshots: dynamoSnapshots(table, clock),
    history: dynamoHistory(table, clock),
    rejected: dynamoRejected(table),
    runs: dynamoRuns(table),
    tasks: dynamoTasks(table),
    states: dynamoStates(table),
    controls: dynamoControls(table),
    upstreams: dynamoUpstreams(table),
  }
}

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
