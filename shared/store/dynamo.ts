import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import { dynamoRejected } from './asides.ts'
import { dynamoControls } from './controls.ts'
import { dynamoHistory } from './history.ts'
import { dynamoItems } from './items.ts'
import { dynamoKeys } from './published-keys.ts'
import { dynamoRuns } from './runs.ts'
import { dynamoSnapshots } from './snapshots.ts'
import { dynamoStates } from './states.ts'
import { Table } from './table.ts'
import { dynamoTasks } from './tasks.ts'
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
