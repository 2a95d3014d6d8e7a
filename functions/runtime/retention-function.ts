import { dynamoRetentionStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import type { JobDeclaration } from '#shared/declare/job.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { historyRetention } from '#shared/engine/publish/history-retention.ts'
import { jobFunction } from './job-function.ts'

/**
 * The Lambda function of a job that declares `retains`: a {@link jobFunction} that also clears the histories of all jobs,
 * which its environment names.
 *
 * @throws {TypeError} when created without any dataset
 */
export function retentionFunction<V>(declaration: JobDeclaration, refresh: Refresh<V, string>) {
  return jobFunction(declaration, refresh, ({ environment, client, unreadable }) => {
    const { datasets, table } = environment
    if (datasets.length === 0)
      throw new TypeError('expected the datasets in the environment variable FRESHET_DATASETS, got none')
    const store = dynamoRetentionStore(client, table, systemClock, unreadable)
    return historyRetention(datasets, store, systemClock)
  })
}
