import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { alphaVantage } from '#infra/local/simulated/alpha-vantage.ts'
import { coingecko } from '#infra/local/simulated/coingecko.ts'
import type { Fault } from '#infra/local/simulated/faults/fault.ts'
import { jsonResponse } from '#infra/local/simulated/model/provider.ts'
import { openSimulatedProviders } from '#infra/local/simulated/server.ts'
import { errorOf, get } from '#test/support/http/client.ts'
import { sendRequest } from '#test/support/http/exchange.ts'

const STEP_MS = 600_000
const NOW = Date.UTC(2026, 10, 20, 10, 4, 30)
const NO_QUERY = new URLSearchParams()

interface Global {
  readonly total_market_cap: { readonly usd: number }
  readonly total_volume: { readonly usd: number }
  readonly market_cap_percentage: { readonly btc: number; readonly eth: number }
  readonly active_cryptocurrencies: number
  readonly markets: number
  readonly updated_at: number
}

function globalAt(now: number, seed = 1): Global {
  const { status, body } = coingecko(seed, now, '/global', NO_QUERY)
  expect(status).toBe(200)
  return JSON.parse(body).data
}

async function open(now: () => number, nextFault: () => Fault | undefined = () => undefined) {
  const { url, close } = await openSimulatedProviders({
    providers: { coingecko },
    seed: 1,
    clock: { now },
    nextFault,
  })
  onTestFinished(close)
  return url
}

test('the same seed and step give the same bytes, another seed or step gives others', () => {
  const step = Math.floor(NOW / STEP_MS) * STEP_MS

  const bodies = [step, step + STEP_MS - 1].map((now) => coingecko(1, now, '/global', NO_QUERY).body)
  const next = coingecko(1, step + STEP_MS, '/global', NO_QUERY).body
  const otherWorld = coingecko(2, step, '/global', NO_QUERY).body

  expect(bodies[0]).toBe(bodies[1])
  expect(next).not.toBe(bodies[0])
  expect(otherWorld).not.toBe(bodies[0])
})

test('updated_at is the start of the step, in seconds', () => {
  const { updated_at } = globalAt(NOW)

  expect(updated_at).toBe(Date.UTC(2026, 10, 20, 10, 0, 0) / 1_000)
})

test('over a year the values stay plausible and move by less than a percent a step', () => {
  const steps = Array.from({ length: 52_560 }, (_, index) => globalAt(NOW + index * STEP_MS))

  const jumps = steps.slice(1).map((after, index) => {
    const before = (steps[index] as Global).total_market_cap.usd
    return Math.abs(after.total_market_cap.usd / before - 1)
  })

  expect(Math.max(...jumps)).toBeLessThan(0.01)
  expect(Math.min(...jumps)).toBeGreaterThan(0)
  for (const { total_market_cap, total_volume, market_cap_percentage, markets } of steps) {
    expect(total_market_cap.usd > 2e12 && total_market_cap.usd < 4e12).toBe(true)
    expect(total_volume.usd > 5e10 && total_volume.usd < 2e11).toBe(true)
    expect(market_cap_percentage.btc + market_cap_percentage.eth < 100).toBe(true)
    expect(Number.isInteger(markets)).toBe(true)
  }
})

test('an unknown path is a 404 in the provider’s own error shape', () => {
  const { status, body } = coingecko(1, NOW, '/coins/list', NO_QUERY)

  expect(status).toBe(404)
  expect(JSON.parse(body)).toEqual({
    status: { error_code: 404, error_message: 'no simulation of /coins/list' },
  })
})

test('over HTTP each provider is under its name, and every response is labelled as simulated', async () => {
  const url = await open(() => NOW)

  const answer = await sendRequest(url, '/coingecko/global')
  const unknownPath = await sendRequest(url, '/coingecko/nothing')
  const unknownProvider = await sendRequest(url, '/__proto__/global')

  expect([answer.status, unknownPath.status, unknownProvider.status]).toEqual([200, 404, 404])
  expect(answer.body.toString()).toBe(coingecko(1, NOW, '/global', NO_QUERY).body)
  expect(unknownProvider.body.toString()).toContain('with one of coingecko')
  for (const { headers } of [answer, unknownPath, unknownProvider]) {
    expect(headers).toMatchObject({
      'x-data-source': 'simulated',
      'content-type': expect.stringContaining('json'),
    })
  }
})

test('over HTTP a provider gets the body of a POST, and none of a GET', async () => {
  const bodies: (string | undefined)[] = []
  const { url, close } = await openSimulatedProviders({
    providers: {
      echo: (_seed, _now, _path, _query, _calls, body) => {
        bodies.push(body)
        return jsonResponse(200, {})
      },
    },
    seed: 1,
    clock: { now: () => NOW },
    nextFault: () => undefined,
  })
  onTestFinished(close)

  await sendRequest(url, '/echo/', { method: 'POST', body: '{"name":"ä"}' })
  await sendRequest(url, '/echo/')

  expect(bodies).toEqual(['{"name":"ä"}', undefined])
})

test('over HTTP a client that goes away while it sends its body does not disturb the others', async () => {
  const url = await open(() => NOW)
  const { hostname, port } = new URL(url)
  const half = request({
    hostname,
    port,
    method: 'POST',
    path: '/coingecko/global',
    headers: { 'content-length': 9 },
  })
  const closed = new Promise((resolve) => half.on('close', resolve))
  half.on('error', () => {})
  half.write('half', () => half.destroy())
  await closed

  expect((await sendRequest(url, '/coingecko/global')).status).toBe(200)
})

test('over HTTP the answer follows the clock', async () => {
  let now = NOW
  const url = await open(() => now)
  const before = await sendRequest(url, '/coingecko/global')

  now += STEP_MS
  const after = await sendRequest(url, '/coingecko/global')

  expect(JSON.parse(after.body.toString()).data.updated_at).toBe(
    JSON.parse(before.body.toString()).data.updated_at + 600,
  )
})

const TRUE_BODY = coingecko(1, NOW, '/global', NO_QUERY).body
const PATH = { path: '/coingecko/global' }

test.each<[Fault, number, Record<string, string>, unknown]>([
  [{ kind: 'status', status: 503 }, 503, {}, expect.stringContaining('chaos')],
  [{ kind: 'rate-limited', retryAfterS: 42 }, 429, { 'retry-after': '42' }, expect.stringContaining('chaos')],
  [
    { kind: 'html' },
    200,
    { 'content-type': 'text/html; charset=utf-8' },
    expect.stringMatching(/^<!doctype/),
  ],
  [{ kind: 'empty' }, 200, {}, '{}'],
  [{ kind: 'truncated', share: 0.5 }, 200, {}, TRUE_BODY.slice(0, TRUE_BODY.length / 2)],
  [{ kind: 'absurd', amount: 0 }, 200, {}, expect.stringContaining('"usd":0,')],
  [{ kind: 'older', byMs: STEP_MS }, 200, {}, coingecko(1, NOW - STEP_MS, '/global', NO_QUERY).body],
  [{ kind: 'late', byMs: 50 }, 200, {}, TRUE_BODY],
  [{ kind: 'trickle', intervalMs: 1 }, 200, {}, TRUE_BODY],
])(
  '%j comes over HTTP as a whole response that is labelled as simulated',
  async (fault, status, headers, text) => {
    const url = await open(
      () => NOW,
      () => fault,
    )

    const answer = await get(url, PATH)

    expect([answer.status, answer.body]).toEqual([status, text])
    expect(answer.headers).toMatchObject({ ...headers, 'x-data-source': 'simulated' })
  },
)

test.each<[Fault, string]>([
  [{ kind: 'reset' }, 'network'],
  [{ kind: 'cut', share: 0.5 }, 'network'],
  [{ kind: 'hang' }, 'timeout'],
  [{ kind: 'late', byMs: 60_000 }, 'timeout'],
  [{ kind: 'trickle', intervalMs: 500 }, 'timeout'],
])('%j comes over HTTP as a failed connection (%s)', async (fault, reason) => {
  const url = await open(
    () => NOW,
    () => fault,
  )

  const error = await errorOf(url, { ...PATH, timeoutMs: 500 })

  expect(error.reason).toBe(reason)
})

test('what is cut off began as a recorded answer', async () => {
  const url = await open(
    () => NOW,
    () => ({ kind: 'cut', share: 0.5 }),
  )
  const outgoing = request(new URL(PATH.path, url)).end()
  const faults: unknown[] = []
  outgoing.on('error', (error) => faults.push(error))

  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  let received = ''
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
  })
  incoming.on('error', (error) => faults.push(error))
  await new Promise((resolve) => outgoing.on('close', resolve))

  expect(incoming.headers).toMatchObject({
    'x-data-source': 'simulated',
    'content-length': String(TRUE_BODY.length),
  })
  expect(received).toBe(TRUE_BODY.slice(0, TRUE_BODY.length / 2))
  expect(faults).toContainEqual(expect.objectContaining({ code: 'ECONNRESET' }))
})

test('each call has its own fault; an unknown path has none', async () => {
  const inStore: (Fault | undefined)[] = [{ kind: 'empty' }, undefined]
  const url = await open(
    () => NOW,
    () => inStore.shift(),
  )

  const unknown = await sendRequest(url, '/unknown/global')
  const first = await sendRequest(url, PATH.path)
  const second = await sendRequest(url, PATH.path)

  expect(unknown.status).toBe(404)
  expect([first, second].map(({ body }) => body.toString())).toEqual(['{}', TRUE_BODY])
})

test('a server with hanging calls closes all the same', async () => {
  const { url, close } = await openSimulatedProviders({
    providers: { coingecko },
    seed: 1,
    clock: { now: () => NOW },
    nextFault: () => ({ kind: 'hang' }),
  })
  const hanging = errorOf(url, PATH)
  await new Promise((resolve) => setTimeout(resolve, 50))

  await close()

  expect((await hanging).reason).toBe('network')
})

test('a provider knows the times of the calls to it before, and of no other one', async () => {
  let now = NOW
  const earlier = (
    _seed: number,
    _now: number,
    _path: string,
    _query: URLSearchParams,
    calls?: readonly number[],
  ) => jsonResponse(200, { calls })
  const { url, close } = await openSimulatedProviders({
    providers: { one: earlier, other: earlier },
    seed: 1,
    clock: { now: () => now },
    nextFault: () => undefined,
  })
  onTestFinished(close)
  const earlierCallsOf = async (path: string) =>
    JSON.parse((await sendRequest(url, path)).body.toString()).calls

  const first = await earlierCallsOf('/one/a')
  now += 1_000
  const second = await earlierCallsOf('/one/b')
  const other = await earlierCallsOf('/other/a')

  expect([first, second, other]).toEqual([[], [NOW], []])
})

test('over HTTP the key of a query reaches the simulation, and a call without it is refused', async () => {
  const { url, close } = await openSimulatedProviders({
    providers: { 'alpha-vantage': alphaVantage },
    seed: 1,
    clock: { now: () => NOW },
    nextFault: () => undefined,
  })
  onTestFinished(close)
  const path = '/alpha-vantage/query?function=OVERVIEW&symbol=IBM'

  const keyed = await get(url, { path, secretQuery: { name: 'apikey', value: 'key%+1' } })
  const keyless = await get(url, { path })

  expect(JSON.parse(keyed.body)).toMatchObject({ Symbol: 'IBM' })
  expect(JSON.parse(keyless.body)).toEqual({ 'Error Message': expect.stringContaining('apikey') })
})

test('a provider that takes its time answers after it, and not before', async () => {
  const { url, close } = await openSimulatedProviders({
    providers: { slow: () => ({ ...jsonResponse(200, {}), delayMs: 50 }) },
    seed: 1,
    clock: { now: () => NOW },
    nextFault: () => undefined,
  })
  onTestFinished(close)
  const startedAt = performance.now()

  const { status } = await get(url, { path: '/slow/any' })

  expect(status).toBe(200)
  // a timer may fire a millisecond early
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49)
})
