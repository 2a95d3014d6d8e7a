import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { dynamoHistoryReader } from '#shared/adapters/dynamodb/history.ts'
import { dynamoItemReader } from '#shared/adapters/dynamodb/items.ts'
import { dynamoStateReader } from '#shared/adapters/dynamodb/job-states.ts'
import { dynamoKeyReader } from '#shared/adapters/dynamodb/published-keys.ts'
import { dynamoRunReader } from '#shared/adapters/dynamodb/runs.ts'
import { dynamoSnapshotReader } from '#shared/adapters/dynamodb/snapshots.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import type { TableKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { TableReader } from '#shared/adapters/dynamodb/table/table-reader.ts'
import { dynamoTaskReader } from '#shared/adapters/dynamodb/tasks.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import { type Price, pricesPermissions } from '#test/fakes/jobs/prices.ts'
import { unreliableStore } from '#test/fakes/store/unreliable-store.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import type { TableRequest } from '#test/fakes/table/table-messages.ts'
import { type UnreliableTable, unreliableTable } from '#test/fakes/table/unreliable-table.ts'
import type { World } from '#test/fakes/world/world.ts'
import { quickClient, scaleTimeouts } from './quick-client.ts'

/** A call of the table, whichever engine keeps it. */
interface TableCall {
  readonly part: keyof Store
  readonly writes: boolean
  /** The same for every attempt of one call. */
  readonly call: unknown
}

/** What becomes of a call: `refuse`: throttled in every attempt; `lost`: done, and the first answer lost. */
type TableFate = 'pass' | 'refuse' | 'lost'

type TableScript = (call: TableCall) => TableFate

/** A table that fails by a script. */
export interface FailingTable {
  /** What runs write to. */
  readonly store: Store
  /** What readers read. */
  readonly reads: ReadPorts['store']
  /** What the watchdog reads and writes, past every fault. */
  readonly watchdog: Store
  /** The same records past every fault, for the test itself: no role limits it. */
  readonly truth: Store
  /** What becomes of every call from now on. */
  script(next: TableScript): void
  /** From now on nothing goes wrong. */
  heal(): void
}

/** The embedded engine, with what only a wire can show. */
export interface EmbeddedTable extends FailingTable {
  readonly wire: UnreliableTable
  /** Leads to the engine itself, for the test itself: no role limits it. */
  readonly fullAccessClient: DynamoDBClient
  readonly tableName: string
  /** From now on clients wait for answers so much shorter than functions do, until the table is healed. */
  wait(parts: number): void
  /** What could not be decoded. */
  readonly warnings: readonly string[]
}

/** Makes the table of a world. */
export type Open<T extends FailingTable> = (world: World<Price>) => Promise<T>

const healthy: TableScript = () => 'pass'

/** The in-memory model, whose calls fail as a whole. */
export const inMemory: Open<FailingTable> = async ({ store: truth }) => {
  let script = healthy
  const turn = (next: TableScript) => {
    script = next
  }
  const store = unreliableStore(truth, (call) => script({ ...call, call: {} }))
  return { store, reads: store, watchdog: truth, truth, script: turn, heal: () => turn(healthy) }
}

/** Both engines by name, as `describe.each` wants them. */
export function onBoth(embedded: Open<FailingTable>): readonly (readonly [string, Open<FailingTable>])[] {
  return [
    ['the embedded engine', embedded],
    ['the in-memory model', inMemory],
  ]
}

interface WireChoices {
  /** Whether a refused condition carries the stored record, as AWS does. */
  readonly sendsStored?: boolean
}

/**
 * The embedded engine behind a frail wire, asked by the clients that functions have, each with the role of its function: a
 * test fails when a role denies a call. Call it where a file of tests begins: one engine serves them all, a table for each.
 */
export function embedded(): (choices?: WireChoices) => Open<EmbeddedTable> {
  let engine: DynaliteTable
  let spare: Promise<string>
  beforeAll(async () => {
    engine = await dynaliteTable(pricesPermissions())
    spare = engine.create()
  })
  afterEach(() => engine.assertNothingDenied())
  afterAll(async () => {
    await spare
    await engine.close()
  })

  return ({ sendsStored = false } = {}) =>
    async ({ work: { job, ports } }) => {
      const wire = await unreliableTable(engine.endpoint, sendsStored)
      const tableName = await spare
      spare = engine.create()
      const warnings: string[] = []
      const warn = (what: string) => warnings.push(what)
      const runs = await quickClient(wire.endpoint, `job-${job.id}`, 3)
      const reads = await quickClient(wire.endpoint, 'reads', 2)
      const reader = new TableReader(reads, tableName, warn)
      const turn = (next: TableScript) => wire.script((request) => onWire(next, request))
      const wait = (parts: number) => {
        for (const client of [runs, reads]) scaleTimeouts(client, parts)
      }
      return {
        store: dynamoStore(runs, tableName, ports.clock, warn),
        reads: {
          items: dynamoItemReader(reader, ports.clock),
          keys: dynamoKeyReader(reader),
          snapshots: dynamoSnapshotReader(reader, ports.clock),
          states: dynamoStateReader(reader),
          history: dynamoHistoryReader(reader),
          runs: dynamoRunReader(reader),
          tasks: dynamoTaskReader(reader),
        },
        watchdog: dynamoStore(engine.clientOf('watchdog'), tableName, ports.clock, warn),
        truth: dynamoStore(engine.fullAccessClient, tableName, ports.clock, warn),
        script: turn,
        heal: () => {
          turn(healthy)
          wait(1)
        },
        wait,
        wire,
        fullAccessClient: engine.fullAccessClient,
        tableName,
        warnings,
      }
    }
}

/** A request as the store's call that it belongs to. */
export function callOf({ keys, writes, call }: TableRequest): TableCall {
  return { part: partOf(keys[0]), writes, call }
}

function onWire(script: TableScript, request: TableRequest) {
  const fate = script(callOf(request))
  if (fate === 'refuse') return { error: 'ProvisionedThroughputExceededException' } as const
  return request.attempt > 1 ? 'pass' : fate
}

/** The part of the store that a record belongs to. */
function partOf({ pk, sk }: TableKey = { pk: '', sk: '' }): keyof Store {
  if (pk.startsWith('upstream#')) return 'upstreams'
  if (pk.startsWith('public#')) return 'states'
  if (pk.endsWith('#runs')) return 'runs'
  if (pk.endsWith('#control')) return 'controls'
  if (pk.endsWith('#rejected')) return 'rejected'
  return sk === 'value' ? 'items' : 'snapshots'
}
