import { createRequire } from 'node:module'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { dynamoStore } from '#shared/adapters/dynamodb/store.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { compress } from '#shared/domain/codec.ts'
import { globalBody } from '#test/fakes/jobs/global-market.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { dynaliteTable } from '#test/fakes/table/dynalite-table.ts'

/*
 * CPU of a read that module memory answers, against a handler without a database that gives the same answer, in one
 * process, in shuffled rounds. Both are counted with the serialisation of their result, as the runtime does it. Prints
 * each ratio and its gate.
 */

const ROUNDS = 31
const READS_A_ROUND = 2_000
const PATH = '/api/v1/currencies/global-market-stats'

type Handler = (event: object, context: object) => Promise<object>

const table = await dynaliteTable()
const tableName = await table.create()
Object.assign(process.env, {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  FRESHET_TABLE: tableName,
  FRESHET_BUS: 'none',
  FRESHET_STAGE: 'bench',
  FRESHET_VERSION: '0.0.0',
})
const now = systemClock.now()
const store = dynamoStore(table.fullAccessClient, tableName, systemClock, (what) => {
  throw new Error(`unreadable: ${what}`)
})
const body = compress(JSON.stringify(globalBody()))
const times = { fetchedAt: now, checkedAt: now, freshUntil: now + 3_600_000, staleUntil: now + 7_200_000 }
await store.items.put(
  'global-market',
  sampleItem({ key: 'global', body, ...times, expiresAt: now + 86_400_000 }),
  now,
)

const { functions } = await bundleFunctions()
const reads = functions['reads']
if (!reads) throw new Error('expected a bundle of the reads function')
const { handler } = createRequire(import.meta.url)(reads.file) as { handler: Handler }

const event = (headers: Record<string, string>) => ({
  version: '2.0',
  rawPath: PATH,
  headers,
  requestContext: { requestId: 'bench', http: { method: 'GET', path: PATH } },
})
const first = (await handler(event({}), {})) as { statusCode: number; headers: Record<string, string> }
if (first.statusCode !== 200) throw new Error(`expected 200, got ${first.statusCode}`)

const answered = await handler(event({}), {})
const floor: Handler = async () => ({ ...answered })
const variants: readonly { name: string; run: Handler; headers: Record<string, string>; gate?: number }[] = [
  { name: 'no database', run: floor, headers: {} },
  { name: 'memory hit', run: handler, headers: {}, gate: 4 },
  { name: 'memory hit, br', run: handler, headers: { 'accept-encoding': 'br' }, gate: 4 },
  {
    name: 'memory hit, 304',
    run: handler,
    headers: { 'if-none-match': first.headers['etag'] ?? '' },
    gate: 4,
  },
]

const cpu = new Map<string, number[]>(variants.map(({ name }) => [name, []]))
for (let round = 0; round <= ROUNDS; round += 1) {
  const order = [...variants].sort(() => Math.random() - 0.5)
  for (const { name, run, headers } of order) {
    const request = event(headers)
    const start = process.cpuUsage()
    for (let read = 0; read < READS_A_ROUND; read += 1) JSON.stringify(await run(request, {}))
    const { user, system } = process.cpuUsage(start)
    if (round > 0) cpu.get(name)?.push((user + system) / READS_A_ROUND)
  }
}
await table.close()

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const base = median(cpu.get('no database') ?? [])
let failed = false
for (const { name, gate } of variants) {
  const figure = median(cpu.get(name) ?? [])
  const ratio = figure / base
  const verdict = gate === undefined ? '' : ratio <= gate ? `within ${gate}` : `OVER ${gate}`
  failed ||= gate !== undefined && !(ratio <= gate)
  console.log(
    `${name.padEnd(18)} ${figure.toFixed(2).padStart(8)} us CPU   ${ratio.toFixed(2)}x   ${verdict}`,
  )
}
process.exitCode = failed ? 1 : 0
