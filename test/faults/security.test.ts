import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { describe, expect, test, vi } from 'vitest'
import { openGateway } from '#infra/local/gateway/gateway.ts'
import { tokenAuthorizer } from '#infra/local/gateway/operator-token.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { itemKey } from '#shared/adapters/dynamodb/table/keys.ts'
import { routeTable } from '#shared/http/routes.ts'
import { pricesPermissions, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { reader } from '#test/fakes/world/clients.ts'
import { rawStatus } from '#test/support/http/exchange.ts'
import { onTestCleanup } from '#test/support/temporary/cleanup.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const JOB = 'prices-items'

/** One key by itself; everything is let through that fits into one segment. */
const anyKey = (cold: 'wait' | 'refuse') => ({
  reads: [
    {
      path: '/test/prices/{symbol}',
      about: 'The price of whatever is asked for',
      key: '{symbol}',
      parameters: { symbol: { pattern: '.+', about: 'anything' } },
      access: 'public',
      effect: 'read',
      cold,
    } as const,
  ],
})

describe('a malformed path', () => {
  /** The router, and the local gateway before it; how often the table was looked at. */
  async function doors() {
    const world = pricesWorld('items', symbolNames(3), T0)
    const get = vi.fn(async () => undefined)
    const reads = reader(world, { store: { ...world.store, items: { ...world.store.items, get } } })
    const gateway = await openGateway({
      port: 0,
      routes: routeTable([world.work.job]),
      onFault: (error) => expect.unreachable(String(error)),
      authorize: tokenAuthorizer('T'.repeat(43)),
      onAccessDenied: ({ path }) => expect.unreachable(path),
      invoke: (_, event) => {
        const { requestContext, rawPath, headers } = event as APIGatewayProxyEventV2
        return reads.answer({ method: requestContext.http.method, path: rawPath, headers })
      },
    })
    onTestCleanup(gateway.close)
    return { reads, url: gateway.url, tableReads: () => get.mock.calls.length, events: world.events }
  }

  const KEYS = [
    ['..', '..'],
    ['../', '../'],
    ['../other', '../other'],
    ['%2e%2e', '..'],
    ['..%2fother', '../other'],
    ['%252e%252e', '%2e%2e'],
    ['#', '#'],
    ['AB#items#C', 'AB#items#C'],
    ['AB%23items%23C', 'AB#items#C'],
    ['A'.repeat(10_000), 'A'.repeat(10_000)],
    ['%D0%90%D0%92', 'АВ'],
    ['%EF%BC%A1%EF%BC%A2', 'ＡＢ'],
    [Buffer.from('АВ'), 'ÐÐ'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['AB%0A', 'AB\n'],
    ['AB%00', 'AB\u0000'],
  ] as const

  test('is answered with 400 by the server and by the router, without a read of the table (F44)', async () => {
    const { reads, url, tableReads, events } = await doors()

    const answers = await Promise.all(
      KEYS.map(async ([written, decoded]) => {
        const target = Buffer.concat([Buffer.from('/test/prices/'), Buffer.from(written)])
        const { statusCode } = await reads.get(`/test/prices/${decoded}`)
        return [decoded.slice(0, 20), await rawStatus(url, target), statusCode]
      }),
    )
    const control = await rawStatus(url, '/health')

    expect(answers).toEqual(KEYS.map(([, decoded]) => [decoded.slice(0, 20), 400, 400]))
    expect(control).toBe(200)
    expect([tableReads(), events]).toEqual([0, []])
  })
})

describe('a key that is crafted to reach another job', () => {
  const HOSTILE = [
    'x#items#secret',
    'job#another-job#items#secret',
    '#another-job#items#secret',
    '..#another-job#items#secret',
    '%23items%23secret',
    'secret\u0000',
    '*',
  ]

  test('reads nothing of it, even when a declaration allows every key (F51)', async () => {
    const table = await dynaliteTable(pricesPermissions())
    onTestCleanup(table.close)
    const world = pricesWorld('items', [], T0, { change: anyKey('refuse') })
    const name = await table.create()
    const storeOf = (client: DynamoDBClient) => dynamoStore(client, name, world.clock, expect.unreachable)
    const everything = storeOf(table.fullAccessClient)
    await everything.items.put('another-job', sampleItem({ key: 'secret' }), T0)
    await everything.items.put(JOB, sampleItem({ key: 'ours' }), T0)
    const { get } = reader(world, { store: storeOf(table.clientOf('reads')) })

    const answers = await Promise.all(HOSTILE.map((key) => get(`/test/prices/${key}`)))
    const ours = await get('/test/prices/ours')

    expect(answers.map(({ statusCode }) => statusCode)).toEqual(HOSTILE.map(() => 503))
    expect(ours.statusCode).toBe(200)
  })

  test('stays inside its own job’s partitions, the only ones that its role reaches (F51)', () => {
    const partitions = HOSTILE.map((key) => itemKey(JOB, key).pk)

    for (const partition of partitions) expect(partition).toMatch(/^job#prices-items#items#[^#]*$/)
  })

  test('is not in the plan of a run that the bus requests: no call is made, nothing is stored (F51)', async () => {
    const world = pricesWorld('items', symbolNames(3), T0)

    const runs = await Promise.all(
      HOSTILE.map((key, index) => world.run({ cause: 'cold-read', key, event: { id: `e${index}`, at: T0 } })),
    )

    for (const run of runs) expect(run).toMatchObject({ status: 'skipped', reason: 'nothing-to-do' })
    expect(world.calls).toEqual([])
    expect(world.store.memory.items.size).toBe(0)
  })
})
