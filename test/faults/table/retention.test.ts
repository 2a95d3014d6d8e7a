import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { job as retention } from '#functions/jobs/retention/job.ts'
import { functionPermissions } from '#infra/definitions/permissions.ts'
import { dynamoOperatorStore, dynamoRetentionStore } from '#shared/adapters/dynamodb/store.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { retainedDatasets } from '#shared/declare/retained-datasets.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { HistoryRow } from '#shared/domain/records/publication.ts'
import { historyRetention } from '#shared/engine/publish/history-retention.ts'
import { pricesJob, pricesUpstream } from '#test/fakes/jobs/prices.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { unreliableTable } from '#test/fakes/table/unreliable-table.ts'
import { virtualClock } from '#test/fakes/world/virtual-clock.ts'
import { quickClient } from './quick-client.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 20, 9, 30)
const FOREVER = Number.POSITIVE_INFINITY
const OLD_ROWS = 60

const prices = resolveJob(pricesJob('items', { history: { daily: '90 days' } }), {})
const sets = resolveJob(pricesJob('snapshot', { history: { rates: '30 days' } }), {})
const jobs = [prices, sets, resolveJob(retention, {})]
const upstream = resolveUpstream(pricesUpstream, {})

let engine: DynaliteTable
let table: string
beforeAll(async () => {
  engine = await dynaliteTable(functionPermissions({ jobs, upstreams: new Map([[upstream.name, upstream]]) }))
})
beforeEach(async () => {
  table = await engine.create()
})
afterAll(() => engine.close())

const truth = (client = engine.fullAccessClient) =>
  dynamoOperatorStore(client, table, virtualClock(NOW), () => {})

/** The retention as its function has it: with its role, over a wire that may fail. */
async function openRetention() {
  const wire = await unreliableTable(engine.endpoint, true)
  const client = await quickClient(wire.endpoint, 'job-retention', 1)
  onTestFinished(() => engine.assertNothingDenied())
  const clock = virtualClock(NOW)
  const store = dynamoRetentionStore(client, table, clock, () => {})
  return { wire, retain: historyRetention(retainedDatasets(jobs), store, clock) }
}

/** Rows of two entities of each job, each with so many old ones and two that stay; written with the roles of the jobs. */
async function putRows(): Promise<void> {
  for (const [{ id }, kind, keptDays] of [
    [prices, 'daily', 90],
    [sets, 'rates', 30],
  ] as const) {
    const row = (entity: string, daysOld: number): HistoryRow => {
      const at = NOW - daysOld * DAY
      return { kind, entity, at, data: daysOld, expiresAt: at + keptDays * DAY }
    }
    const { history } = truth(engine.clientOf(`job-${id}`))
    for (const entity of ['AAA', 'BBB']) {
      const old = Array.from({ length: OLD_ROWS }, (_, index) => row(entity, keptDays + 1 + index))
      await history.put(id, [...old, row(entity, keptDays - 1), row(entity, 1)])
    }
  }
  await truth().keys.add(prices.id, ['AAA', 'BBB', 'CCC'], 1)
}

const figures = (deleted: number, deletedOfSets = deleted) => [
  { job: prices.id, deleted, items: 3, historyRows: 4 },
  { job: sets.id, deleted: deletedOfSets, items: null, historyRows: 4 },
  { job: 'retention', deleted: null, items: 0, historyRows: 0 },
]

describe('the retention', () => {
  test('deletes the old rows of all jobs with its role, and counts the others', async () => {
    await putRows()
    const { retain } = await openRetention()

    expect(await retain(FOREVER)).toEqual({ isComplete: true, datasets: figures(2 * OLD_ROWS) })
  })

  test('deletes all old rows although the table leaves most of each batch unprocessed', async () => {
    await putRows()
    const { wire, retain } = await openRetention()
    wire.script(({ operation }) => (operation === 'BatchWriteItem' ? { only: 7 } : 'pass'))

    expect((await retain(FOREVER)).datasets).toEqual(figures(2 * OLD_ROWS))
  })

  test.each([1, 3, 5, 8])(
    'that is killed at its batch %i leaves rows, which the next one deletes',
    async (nth) => {
      await putRows()
      const { wire, retain } = await openRetention()
      let batches = 0
      wire.script(({ operation }) => {
        if (operation === 'BatchWriteItem') batches += 1
        return batches >= nth ? { error: 'InternalServerError' } : 'pass'
      })
      await expect(retain(FOREVER)).rejects.toThrow('simulated')
      const left = await rowsLeft()

      const next = await (await openRetention()).retain(FOREVER)

      const deleted = next.datasets.reduce((sum, dataset) => sum + (dataset.deleted ?? 0), 0)
      expect(left).toBeGreaterThan(8)
      expect(deleted).toBe(left - 8)
      expect(await rowsLeft()).toBe(8)
    },
  )

  test('without time deletes nothing and says so', async () => {
    await putRows()
    const { retain } = await openRetention()

    const { isComplete, datasets } = await retain(NOW)

    expect(isComplete).toBe(false)
    expect(datasets[0]).toEqual({ job: prices.id, deleted: 0, items: 3, historyRows: null })
  })
})

test('the operators’ function lists and removes the rows of all histories with its role', async () => {
  await putRows()
  const { history } = truth(engine.clientOf('operations'))

  expect(await history.entities(sets.id, 'rates')).toEqual(['AAA', 'BBB'])
  expect(await history.remove(sets.id, 'rates', 'AAA', {})).toBe(OLD_ROWS + 2)
  engine.assertNothingDenied()
})

async function rowsLeft(): Promise<number> {
  const { history } = truth()
  const counts = await Promise.all(
    [
      [prices.id, 'daily'],
      [sets.id, 'rates'],
    ].flatMap(([id = '', kind = '']) => ['AAA', 'BBB'].map((entity) => history.count(id, kind, entity))),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
