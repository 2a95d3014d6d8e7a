import { describe, expect, it } from 'vitest'
import { POSITIONS_PATH as PATH, portfolioJob, portfolioWorld } from '#test/fakes/jobs/portfolio.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const apple = { symbol: 'AAPL', quantity: '10', avg_cost: '150.25', currency: 'USD' }
const watched = { symbol: 'BRK.B' }

describe('positions', () => {
  it('are those of the configuration, until an operator replaces them; runs plan from them', async () => {
    const { get, put, run, planned, clock } = portfolioWorld()

    const before = await get(PATH)
    await run({ cause: 'operator' })
    clock.advance(1_000)
    const replaced = await put(PATH, { positions: [apple, watched] })
    await run({ cause: 'operator' })

    expect(before).toMatchObject({
      status: 200,
      body: {
        positions: [{ symbol: 'MSFT', quantity: null }],
        source: 'PORTFOLIO_SYMBOLS',
        changed_at: null,
      },
    })
    expect(replaced).toMatchObject({
      status: 200,
      body: {
        positions: [apple, { symbol: 'BRK.B', quantity: null, avg_cost: null, currency: null }],
        source: 'operator',
        changed_at: '2026-11-20T12:00:01.000Z',
      },
    })
    expect((await get(PATH)).body).toEqual(replaced.body)
    expect(planned).toEqual([['MSFT'], ['AAPL', 'BRK.B']])
  })

  it('may be none', async () => {
    const { put, run, planned } = portfolioWorld()

    expect(await put(PATH, { positions: [] })).toMatchObject({ status: 200, body: { positions: [] } })
    await run({ cause: 'operator' })

    expect(planned).toEqual([[]])
  })

  it('are erased, also from the audit: it counts symbols, and names neither them nor amounts', async () => {
    const { put, ask, store } = portfolioWorld()
    await put(PATH, { positions: [apple, watched] })

    const erased = await ask('DELETE', PATH)

    expect(erased).toMatchObject({ status: 200, body: { source: 'PORTFOLIO_SYMBOLS', changed_at: null } })
    const { audits, operatorRecords } = store.memory
    expect(audits.map(({ action, subject, before, after }) => ({ action, subject, before, after }))).toEqual([
      {
        action: 'replace-positions',
        subject: 'data:positions',
        before: '{"source":"PORTFOLIO_SYMBOLS","symbols":0}',
        after: '{"source":"operator","symbols":2}',
      },
      {
        action: 'erase-positions',
        subject: 'data:positions',
        before: '{"source":"operator","symbols":2}',
        after: '{"source":"PORTFOLIO_SYMBOLS","symbols":0}',
      },
    ])
    expect(JSON.stringify([audits, [...operatorRecords.values()]])).not.toMatch(/AAPL|150\.25/)
  })

  it.each([
    ['no list', { positions: 'AAPL' }, 400, 'a list'],
    ['an unknown member', { positions: [{ ...apple, price: 1 }] }, 400, 'expected no member "price"'],
    ['a symbol in small letters', { positions: [{ symbol: 'aapl' }] }, 400, '1 to 15 capitals'],
    ['a long symbol', { positions: [{ symbol: 'A'.repeat(16) }] }, 400, '1 to 15 capitals'],
    ['a number as quantity', { positions: [{ ...apple, quantity: 10 }] }, 400, 'decimal text'],
    ['a negative quantity', { positions: [{ ...apple, quantity: '-1' }] }, 400, 'decimal text'],
    ['an exponent', { positions: [{ ...apple, avg_cost: '1e3' }] }, 400, 'decimal text'],
    ['a currency in words', { positions: [{ ...apple, currency: 'dollar' }] }, 400, 'a currency'],
    ['too many', { positions: ['A', 'B', 'C', 'D'].map((symbol) => ({ symbol })) }, 400, 'at most 3'],
    ['a symbol twice', { positions: [apple, apple] }, 422, 'AAPL twice'],
    ['two spellings', { positions: [watched, { symbol: 'BRK-B' }] }, 422, 'BRK.B and BRK-B'],
  ])('with %s are refused, and nothing changes', async (_what, body, status, message) => {
    const { put, get, store } = portfolioWorld()
    const before = (await get(PATH)).body

    const refused = await put(PATH, body)

    expect(refused).toMatchObject({ status, body: { detail: expect.stringContaining(message) } })
    expect((await get(PATH)).body).toEqual(before)
    expect(store.memory.audits).toEqual([])
  })

  it('are not lost when two operators change them at once: the second one gets 409', async () => {
    const { put, store } = portfolioWorld()

    const answers = await Promise.all([
      put(PATH, { positions: [apple] }),
      put(PATH, { positions: [watched] }),
    ])

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(store.memory.operatorRecords.get('positions')).toMatchObject({ revision: 1 })
  })

  it('need one name of data where a path is declared', () => {
    const aliases = portfolioJob.spec.aliases ?? []
    expect(() => tinyJob({ id: 'bare', aliases })).toThrow(
      'job "bare".aliases[0].operation: expected show-operator-data only with one name in operatorData',
    )
  })
})
