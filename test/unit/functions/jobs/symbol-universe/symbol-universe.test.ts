import { describe, expect, it } from 'vitest'
import { job } from '#functions/jobs/symbol-universe/job.ts'
import { schemas } from '#functions/jobs/symbol-universe/schema.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { hamaReader, hamaWorld, simulatedReply, TICK } from '#test/fakes/jobs/hama.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PATH = '/symbols'

interface Listed {
  readonly symbols: readonly { readonly symbol: string; readonly rank: number }[]
  readonly unknown: readonly string[]
  readonly valid_symbols: number
}

async function listed(base: Awaited<ReturnType<typeof hamaWorld>>): Promise<Listed> {
  return (await hamaReader(base).get(PATH)).body.data
}

describe('the universe of symbols', () => {
  it('is 78 crypto pairs against USDT, the most traded first, of all that can be requests for', async () => {
    const base = await hamaWorld()

    const { status, body } = await hamaReader(base).get(PATH)

    const { symbols, valid_symbols } = body.data as Listed
    const names = symbols.map(({ symbol }) => symbol)
    expect(status).toBe(200)
    expect(symbols.map(({ rank }) => rank)).toEqual(Array.from({ length: 78 }, (_, index) => index + 1))
    expect(valid_symbols).toBe(118)
    expect(names).toEqual(expect.arrayContaining(['BTCUSDT', '1000PEPEUSDT', '示例USDT']))
    for (const odd of ['USDCUSDT', 'FDUSDUSDT', 'EURUSDT', 'BTCUPUSDT', 'BTCDOWNUSDT', 'ETHBTC'])
      expect(names).not.toContain(odd)
    expect(schemas['/api/gainer-analysis/symbols'].safeParse(body).error).toBeUndefined()
  })

  it('follows its settings: size, included and excluded symbols, and names those that the exchange does not list', async () => {
    const settings = { HAMA_UNIVERSE_SIZE: '3', HAMA_INCLUDE: 'ETHBTC, NOPE', HAMA_EXCLUDE: 'BTCUSDT' }

    const { symbols, unknown } = await listed(await hamaWorld(settings))

    const names = symbols.map(({ symbol }) => symbol)
    expect(names).toEqual(expect.arrayContaining(['ETHUSDT', 'ETHBTC']))
    expect(names).not.toContain('BTCUSDT')
    expect(unknown).toEqual(['NOPE'])
  })

  it.each(['HAMA_INCLUDE', 'HAMA_EXCLUDE'])(
    'takes symbols of %s as the exchange spells them only',
    (name) => {
      expect(() => resolveJob(job, { [name]: 'ETHBTC,btcusdt' })).toThrow(
        `${name}: expected symbols in capitals, of 2 to 30 characters without #, / and white space, comma separated, ` +
          'each once; got "ETHBTC,btcusdt"',
      )
      expect(resolveJob(job, { [name]: '1000PEPEUSDT,示例USDT' }).settings[name]).toHaveLength(2)
    },
  )

  it('costs two calls, at the other address where the first one refuses', async () => {
    const base = await hamaWorld()
    base.script((request): Reply => {
      const isFirst = request.url.hostname === 'data-api.binance.vision'
      return isFirst ? { status: 403, body: '<html>' } : simulatedReply(request, base.clock.now())
    })

    const run = await base.refreshUniverse()

    const requests = base.calls.filter(({ url }) => url.hostname === 'api.binance.com')
    expect(run.status).toMatch(/succeeded|unchanged/)
    expect(requests.map(({ url }) => `${url.pathname}${url.search}`)).toEqual([
      '/api/v3/exchangeInfo?permissions=SPOT',
      '/api/v3/ticker/24hr',
    ])
  })

  it('is requests for without the parameter where that is refused', async () => {
    const base = await hamaWorld()
    base.script(
      (request): Reply =>
        request.url.search === ''
          ? simulatedReply(request, base.clock.now())
          : { status: 400, body: { code: -1101, msg: 'Too many parameters.' } },
    )

    expect((await base.refreshUniverse()).status).toMatch(/succeeded|unchanged/)
  })

  it.each([
    [
      'less than half of the symbols',
      'rejected',
      (info: Info) => ({ ...info, symbols: info.symbols.slice(0, 50) }),
    ],
    ['no symbols (F10)', 'rejected', (info: Info) => ({ ...info, symbols: [] })],
    [
      'a time of yesterday',
      'rejected',
      (info: Info) => ({ ...info, serverTime: info.serverTime - 24 * HOUR }),
    ],
    ['no list of symbols (F13)', 'malformed', ({ symbols: _gone, ...info }: Info) => info],
  ])('refuses %s, and what is stored stays', async (_, reason, spoil) => {
    const base = await hamaWorld()
    const before = await listed(base)
    base.clock.advance(MINUTE)
    base.script((request): Reply => {
      const reply = simulatedReply(request, base.clock.now()) as { status: number; body: string }
      if (!request.url.pathname.endsWith('exchangeInfo')) return reply
      return { ...reply, body: spoil(JSON.parse(reply.body) as Info) }
    })

    const run = await base.refreshUniverse()

    expect(run).toMatchObject({ status: 'failed', reason })
    expect(await listed(base)).toEqual(before)
  })

  it('is 503 before the first run, with Retry-After', async () => {
    const base = await hamaWorld()
    base.store.memory.heads.clear()

    const answer = await hamaReader(base).get(PATH)

    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '60' } })
    expect(base.clock.now()).toBe(TICK)
  })
})

interface Info {
  readonly serverTime: number
  readonly symbols: readonly unknown[]
}
