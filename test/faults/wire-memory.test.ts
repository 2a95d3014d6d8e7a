import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { DEFAULT_MEMORY_MB } from '#infra/constructs/aliased-function.ts'
import { bodyLimit, resolveUpstream } from '#shared/declare/upstream.ts'
import type { RunRecord } from '#shared/domain/records/run-record.ts'
import { binanceSpot } from '#shared/upstreams/binance.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { priced } from './wire-world.ts'

const MIB = 1024 * 1024
const FUNCTION_BYTES = DEFAULT_MEMORY_MB * MIB
/** The heap that V8 allows itself on a machine with a function's memory, half of it: this machine has more. */
const HEAP = `--max-old-space-size=${DEFAULT_MEMORY_MB / 2}`
const spot = resolveUpstream(binanceSpot, {})

/** The outcome of a run in a process of its own, and the largest memory of that process. */
async function measuredRun(answer: RequestListener, maxBytes: number, symbols = 78) {
  const origin = await listenHttp(answer)
  const script = new URL('./memory-run.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [HEAP, script, origin, String(maxBytes), String(symbols)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = child.stdout.toArray()
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  return JSON.parse(Buffer.concat(await output).toString()) as { record: RunRecord; peakBytes: number }
}

/** The start and the end of JSON with as many elements between them as the size allows. */
function filled(start: string, element: string, end: string, bytes: number): Buffer {
  const count = Math.floor((bytes - start.length - end.length) / Buffer.byteLength(element))
  return Buffer.from(start + element.repeat(count) + end)
}

const LONG_TEXT = ['one long text', '{"pad":"', 'x', '"}'] as const
const SHORT_TEXTS = ['texts as short as is allowed', '{"pad":[', '"abcde",', '""]}'] as const
const EMPTY_OBJECTS = ['empty objects', '{"pad":[', '{},', '{}]}'] as const

test.each([LONG_TEXT, SHORT_TEXTS, EMPTY_OBJECTS])(
  '78 bodies of %s, each as large as the cap allows, fit into the memory of a function (F81)',
  async (_, start, element, end) => {
    const maxBytes = bodyLimit(spot, '/api/v3/klines')
    const body = filled(start, element, end, maxBytes)

    const { record, peakBytes } = await measuredRun((_request, response) => response.end(body), maxBytes)

    expect(record).toMatchObject({ status: 'failed', reason: 'malformed', attempts: 78 })
    expect(record.counts).toMatchObject({ planned: 78, failed: 78 })
    expect(peakBytes).toBeLessThan(FUNCTION_BYTES)
  },
)

test.each([LONG_TEXT, SHORT_TEXTS])(
  'four bodies of %s, as large as the largest cap, are received one after the other, and fit (F81)',
  async (_, start, element, end) => {
    const maxBytes = bodyLimit(spot, '/api/v3/exchangeInfo')
    const body = filled(start, element, end, maxBytes)

    const { record, peakBytes } = await measuredRun((_request, response) => response.end(body), maxBytes, 4)

    expect(record).toMatchObject({ status: 'failed', reason: 'malformed', attempts: 4 })
    expect(record.counts).toMatchObject({ planned: 4, failed: 4 })
    expect(peakBytes).toBeLessThan(FUNCTION_BYTES)
  },
)

test('31 MiB bodies for 77 of 78 symbols are over the cap: one key is published, with true counts and little memory (F81)', async () => {
  const large = Buffer.alloc(31 * MIB, 'x')
  const good = priced(Date.now())
  const answer: RequestListener = (request, response) =>
    request.url?.includes('S041') ? good(request, response) : response.end(large)

  const { record, peakBytes } = await measuredRun(answer, bodyLimit(spot, '/api/v3/klines'))

  expect(record).toMatchObject({ status: 'partial', reason: 'malformed', attempts: 78 })
  expect(record.counts).toMatchObject({ planned: 78, published: 1, failed: 77 })
  expect(peakBytes).toBeLessThan(FUNCTION_BYTES / 2)
})
