import { describe, expect, it } from 'vitest'
import type { BusEvent } from '#shared/domain/ports/bus.ts'
import type { RunRequest } from '#shared/engine/model/run-state.ts'
import { run } from '#shared/engine/run.ts'
import { type HamaWorld, hamaOperator, hamaReader, hamaWorld, TICK } from '#test/fakes/jobs/hama.ts'

const MINUTE = 60_000

/** Delivers published events, as the bus would. */
async function carryOut(event: BusEvent | undefined, base: HamaWorld) {
  if (event?.type !== 'refresh.requested') throw new Error('expected a wish for a run')
  const { job: _job, ...wish } = event.detail
  const at = base.clock.now()
  return run({ ...(wish as RunRequest), event: { id: `event-${at}`, at } }, base.universe)
}

async function listed(base: HamaWorld): Promise<string[]> {
  const { body } = await hamaReader(base).get('/symbols')
  return body.data.symbols.map(({ symbol }: { symbol: string }) => symbol)
}

describe('the symbols that are analysed', () => {
  it('are changed by operators: the requested run lists them, and the next tick analyses them', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    const { change, audits } = hamaOperator(base)
    const [first = ''] = await listed(base)

    const answer = await change({ include: [' ethbtc ', 'ETHBTC'], exclude: [first], size: 3 })
    const events = base.events.splice(0)
    const renewed = await carryOut(events[0], base)
    const tick = await base.tick(TICK + 5 * MINUTE)

    const names = await listed(base)
    expect(answer).toMatchObject({
      status: 200,
      body: {
        code: 1,
        msg: 'success',
        data: { include: ['ETHBTC'], exclude: [first], size: 3, run_id: renewed.id },
      },
    })
    expect(events).toHaveLength(1)
    expect(renewed.status).toBe('succeeded')
    expect(names).toHaveLength(3)
    expect(names).toContain('ETHBTC')
    expect(names).not.toContain(first)
    expect(tick.counts).toMatchObject({ planned: 3, published: 3 })
    expect(base.calls.filter(({ url }) => url.searchParams.get('symbol') === 'ETHBTC')).toHaveLength(1)
    expect(audits()).toEqual(['override', 'trigger'])
  })

  it('cannot all be excluded: a change that leaves none of the listed ones is refused', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '2' })
    const { change, audits } = hamaOperator(base)
    const names = await listed(base)

    const refused = await change({ exclude: names })
    const accepted = await change({ exclude: names, size: 3 })
    const replaced = await change({ exclude: names, include: ['ETHBTC'] })

    expect(names).toHaveLength(2)
    expect(refused).toMatchObject({
      status: 400,
      body: {
        msg: expect.stringMatching(/^expected at least one symbol to analyse, got none of \d+ listed ones/),
      },
    })
    expect([accepted.status, replaced.status]).toEqual([200, 200])
    expect(audits()).toEqual(['override', 'trigger', 'override', 'trigger'])
  })

  it('are as configured for each missing member, or for an empty object', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5', HAMA_INCLUDE: 'ETHBTC' })
    const { change } = hamaOperator(base)

    const whole = await change({ include: [], exclude: ['BTCUSDT'], size: 2 })
    const part = await change({ size: 4 })
    const nothing = await change({})

    expect(
      [whole, part, nothing].map(({ body: { data } }) => [data.include, data.exclude, data.size]),
    ).toEqual([
      [[], ['BTCUSDT'], 2],
      [['ETHBTC'], [], 4],
      [['ETHBTC'], [], 5],
    ])
    expect(await base.store.controls.get('symbol-universe')).not.toHaveProperty('overrides')
  })

  it('that are repeated change nothing but request another run: the first may have failed', async () => {
    const base = await hamaWorld()
    const { change, audits } = hamaOperator(base)
    await change({ size: 9 })
    const before = await base.store.controls.get('symbol-universe')

    const { body } = await change({ size: 9 })

    expect(body.data).toMatchObject({ size: 9, run_id: expect.stringMatching(/^symbol-universe-/) })
    expect(await base.store.controls.get('symbol-universe')).toEqual(before)
    expect(audits()).toEqual(['override', 'trigger', 'trigger'])
  })

  it('keep other overrides as they are', async () => {
    const base = await hamaWorld()
    const { change } = hamaOperator(base)
    const pauseOnly = { pause: { until: TICK + MINUTE, reason: 'x', by: 'ops' } }
    const overrides = { items: ['spot'], settings: { HAMA_EXCLUDE: 'BTCUSDT' } }
    base.store.memory.controls.set('symbol-universe', { revision: 1, ...pauseOnly, overrides })

    await change({ size: 9 })

    expect(await base.store.controls.get('symbol-universe')).toMatchObject({
      ...pauseOnly,
      revision: 2,
      overrides: { items: ['spot'], settings: { HAMA_UNIVERSE_SIZE: '9' } },
    })
  })

  it('that change during a run, which read the old ones, cause another run', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    const { clock, store } = base
    const until = clock.now() + 3_000
    await store.states.acquire('symbol-universe', { kind: 'job' }, { owner: 'other', until }, clock.now())

    const { body } = await hamaOperator(base).change({ size: 2 })
    const renewed = await carryOut(base.events[0], base)

    expect(clock.now()).toBeGreaterThanOrEqual(until)
    expect([renewed.id, renewed.status]).toEqual([body.data.run_id, 'succeeded'])
    expect(await listed(base)).toHaveLength(2)
  })

  it('request one more run if another run takes the lease first', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    const { clock, store } = base
    const events: BusEvent[] = []
    const publish = async (event: BusEvent) => {
      events.push(event)
      const holder = { owner: 'other', until: clock.now() + 2_000 }
      if (events.length === 1)
        await store.states.acquire('symbol-universe', { kind: 'job' }, holder, clock.now())
      await carryOut(event, base)
    }

    const { body } = await hamaOperator(base, { publish }).change({ size: 2 })

    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({ detail: { runId: body.data.run_id } })
    expect(await listed(base)).toHaveLength(2)
  })

  it('have no run id if no run can be requested because another one does not end', async () => {
    const base = await hamaWorld()
    const { clock, store } = base
    const holder = { owner: 'other', until: clock.now() + 60_000 }
    await store.states.acquire('symbol-universe', { kind: 'job' }, holder, clock.now())
    const since = clock.now()

    const { status, body } = await hamaOperator(base).change({ size: 2 })

    expect([status, body.data]).toEqual([200, expect.objectContaining({ size: 2, run_id: null })])
    expect(clock.now() - since).toBeLessThan(25_000)
    expect(base.events).toEqual([])
  })

  it.each([
    [{ size: 0 }, 'size: expected a whole number, 1 to 200 symbols, got "0"'],
    [{ size: 201 }, 'size: expected a whole number, 1 to 200 symbols, got "201"'],
    [{ size: 1.5 }, 'size: expected a whole number, 1 to 200 symbols, got "1.5"'],
    [{ size: '5' }, 'size: expected a number, got "5"'],
    [{ size: null }, 'size: expected a number, got null'],
    [{ include: 'BTCUSDT' }, 'include must be at most 200 symbols'],
    [{ include: null }, 'include must be at most 200 symbols'],
    [{ exclude: ['A,BUSDT'] }, 'exclude must be at most 200 symbols'],
    [{ exclude: [' '] }, 'exclude must be at most 200 symbols'],
    [{ exclude: [7] }, 'exclude must be at most 200 symbols'],
    [{ exclude: Array(201).fill('BTCUSDT') }, 'exclude must be at most 200 symbols'],
    [{ include: ['BTCUSDT', 'NOPE', 'nada'] }, 'unknown symbols in include: NOPE, NADA'],
    [
      { exclude: ['BTC#USDT'] },
      /^exclude: expected symbols in capitals, of 2 to 30 characters .*; got "BTC#USDT"$/,
    ],
    [
      { include: ['BTCUSDT', 'ETHUSDT'], exclude: ['ethusdt'] },
      'expected symbols in one of include and exclude, got in both: ETHUSDT',
    ],
    [{ symbols: ['BTCUSDT'] }, 'expected no member "symbols"'],
    [[], 'expected a JSON object as the body, got a list'],
    ['{"size":', 'expected a body in JSON'],
  ])('are not changed to %j', async (body, msg) => {
    const base = await hamaWorld()
    const { change, audits } = hamaOperator(base)

    const answer = await change(body)

    expect(answer).toMatchObject({ status: 400, body: { code: 0, data: null } })
    expect(answer.body.msg).toMatch(msg)
    expect(await base.store.controls.get('symbol-universe')).toEqual({ revision: 0 })
    expect([base.events, audits()]).toEqual([[], []])
  })

  it('cannot include what the configuration excludes, except with a new exclude', async () => {
    const base = await hamaWorld({ HAMA_EXCLUDE: 'BTCUSDT' })
    const { change } = hamaOperator(base)

    const refused = await change({ include: ['BTCUSDT'] })
    const accepted = await change({ include: ['BTCUSDT'], exclude: [] })

    expect(refused.body.msg).toBe('expected symbols in one of include and exclude, got in both: BTCUSDT')
    expect(accepted.status).toBe(200)
  })

  it('are not checked while no symbols are listed yet', async () => {
    const base = await hamaWorld()
    base.store.memory.heads.clear()

    const { status, body } = await hamaOperator(base).change({ include: ['NOPE'] })

    expect([status, body.data.include]).toEqual([200, ['NOPE']])
  })

  it('are read by anybody at the path where only operators change them', async () => {
    const base = await hamaWorld()
    const { raw, get } = hamaReader(base)

    const put = await raw('PUT', '/symbols', '{"size":1}')
    const post = await raw('POST', '/symbols', '{}')

    expect((await get('/symbols')).status).toBe(200)
    expect(put.statusCode).toBe(404)
    expect([post.statusCode, post.headers['allow']]).toEqual([405, 'GET, HEAD, PUT'])
    expect(await base.store.controls.get('symbol-universe')).toEqual({ revision: 0 })
  })
})
