import { createRequire } from 'node:module'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { gate, median, note, shuffled } from './measure.ts'
import { PATH, storedItem } from './stored-item.ts'

/*
 * CPU of a read that module memory answers, against a handler without a database that gives the same answer, in one
 * process, in shuffled rounds. Both are counted with the serialisation of their result, as the runtime does it. Prints
 * each ratio and its gate.
 */

const ROUNDS = 31
const READS_A_ROUND = 2_000

type Handler = (event: object, context: object) => Promise<object>

const { close } = await storedItem()

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
  { name: 'memory hit', run: handler, headers: {}, gate: 3 },
  { name: 'memory hit, br', run: handler, headers: { 'accept-encoding': 'br' }, gate: 3 },
  {
    name: 'memory hit, 304',
    run: handler,
    headers: { 'if-none-match': first.headers['etag'] ?? '' },
    gate: 3,
  },
]

const cpu = new Map<string, number[]>(variants.map(({ name }) => [name, []]))
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const { name, run, headers } of shuffled(variants)) {
    const request = event(headers)
    const start = process.cpuUsage()
    for (let read = 0; read < READS_A_ROUND; read += 1) JSON.stringify(await run(request, {}))
    const { user, system } = process.cpuUsage(start)
    if (round > 0) cpu.get(name)?.push((user + system) / READS_A_ROUND)
  }
}
await close()

const base = median(cpu.get('no database') ?? [])
for (const { name, gate: most } of variants) {
  const figure = median(cpu.get(name) ?? [])
  note(`us of CPU, ${name}`, figure)
  if (most !== undefined) gate(`CPU of ${name} / of a handler without a database (P5)`, figure / base, most)
}
