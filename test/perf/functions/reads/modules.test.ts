import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { compress } from '#shared/domain/codec.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { type DynaliteTable, dynaliteTable } from '#test/fakes/table/dynalite-table.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const BODY = '{"success":true}'

/** Loads a bundle, reads once, and says what was answered and loaded; then what a use of `fetch` adds. */
const SCRIPT = `
  const { handler } = require(process.argv[1])
  const event = {
    version: '2.0',
    rawPath: '/api/v1/currencies/global-market-stats',
    headers: {},
    requestContext: { requestId: 'one', http: { method: 'GET' } },
  }
  handler(event, {}).then(({ statusCode, body }) => {
    const builtIn = [...process.moduleLoadList]
    const files = Object.keys(require.cache)
    void globalThis.Response
    const withFetch = [...process.moduleLoadList]
    process.stdout.write(JSON.stringify({ statusCode, body, builtIn, files, withFetch }))
  })`

interface Loaded {
  readonly statusCode: number
  readonly body: string
  /** Modules of Node itself. */
  readonly builtIn: readonly string[]
  readonly files: readonly string[]
  readonly withFetch: readonly string[]
}

let table: DynaliteTable

beforeAll(async () => {
  table = await dynaliteTable()
})
afterAll(() => table.close())

/** A first read in a fresh process, with the environment of a function and nothing else. */
async function firstRead(file: string): Promise<Loaded> {
  const name = await table.create()
  const now = Date.now()
  const store = dynamoStore(table.fullAccessClient, name, systemClock, (what) => {
    throw new Error(`unreadable: ${what}`)
  })
  const times = { checkedAt: now, fetchedAt: now, asOf: now, freshUntil: now + 60_000 }
  const ends = { staleUntil: now + 120_000, expiresAt: now + 180_000 }
  const body = new Uint8Array(compress(BODY))
  await store.items.put('global-market', sampleItem({ key: 'global', body, ...times, ...ends }), now)
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: table.endpoint,
    FRESHET_TABLE: name,
    FRESHET_BUS: 'freshet',
    FRESHET_STAGE: 'test',
    FRESHET_VERSION: '0.0.0',
  }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, file], { env })
  return JSON.parse(stdout) as Loaded
}

test('a first read loads neither undici nor any client but those of table and bus (P2)', async () => {
  const { functions } = await bundleFunctions({
    outDir: join(await temporaryDirectory(), 'functions'),
    entries: { reads: 'functions/reads/handler.ts' },
  })
  const { file = '', inputs = [] } = functions['reads'] ?? {}

  const { statusCode, body, builtIn, files, withFetch } = await firstRead(file)

  expect([statusCode, body]).toEqual([200, BODY])
  expect(builtIn).toContain('NativeModule http')
  expect(builtIn.filter((name) => name.includes('undici'))).toEqual([])
  expect(withFetch.filter((name) => name.includes('undici'))).not.toEqual([])
  expect(files).toEqual([file])
  const clients = new Set(inputs.flatMap((input) => /@aws-sdk\/(client-[\w-]+)/.exec(input)?.[1] ?? []))
  expect([...clients].sort()).toEqual(['client-dynamodb', 'client-eventbridge'])
  const signIn =
    /@aws-sdk\/(?:nested-clients|token-providers|credential-provider-|.*(?:sso|sts|signin|login))/
  expect(inputs.filter((input) => signIn.test(input))).toEqual([])
})
