import { Worker } from 'node:worker_threads'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { itemKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { dynamoClient } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { compress } from '#shared/domain/codec.ts'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { globalBody } from '#test/fakes/jobs/global-market.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'

/** The route whose item is stored. */
export const PATH = '/api/v1/currencies/global-market-stats'

/** A table in a thread of its own that holds one fresh item of `global-market`. */
export interface StoredItem {
  /** The environment of a function that reads it. */
  readonly environment: Readonly<Record<string, string>>
  readonly close: () => Promise<void>
}

/** Starts the table and writes the item. Sets the environment of this process too, for the client that writes. */
export async function storedItem(): Promise<StoredItem> {
  const worker = new Worker(new URL('./table-thread.ts', import.meta.url))
  const table = await new Promise<{ endpoint: string; name: string }>((resolve, reject) =>
    worker.once('message', resolve).once('error', reject),
  )
  const key = itemKey('global-market', 'global')
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    FRESHET_TABLE: table.name,
    FRESHET_BUS: 'none',
    FRESHET_STAGE: 'bench',
    FRESHET_VERSION: '0.0.0',
    BENCH_PK: key.pk,
    BENCH_SK: key.sk,
  }
  Object.assign(process.env, environment)
  const now = systemClock.now()
  const store = dynamoStore(dynamoClient(2), table.name, systemClock, (what) => {
    throw new Error(`unreadable: ${what}`)
  })
  const times = { fetchedAt: now, checkedAt: now, freshUntil: now + HOUR_MS, staleUntil: now + 2 * HOUR_MS }
  const body = compress(JSON.stringify(globalBody()))
  const item = sampleItem({ key: 'global', body, ...times, expiresAt: now + 24 * HOUR_MS })
  await store.items.put('global-market', item, now)
  return {
    environment,
    close: async () => {
      await worker.terminate()
    },
  }
}
