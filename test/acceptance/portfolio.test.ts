import { expect, onTestFinished, test } from 'vitest'
import { schemas as fundamentalSchemas } from '#functions/jobs/fundamental/schema.ts'
import { schemas as scoreSchemas } from '#functions/jobs/position-scores/schema.ts'
import { schemas } from '#functions/jobs/technical/schema.ts'
import { follower, walkthrough } from '#test/support/docs/walkthrough.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const schema = schemas['/api/v1/positions/{symbol}/technical']
const fundamentalSchema = fundamentalSchemas['/api/v1/positions/{symbol}/fundamental']

test('the walkthrough of docs/portfolio.md works line by line', async () => {
  const data = await temporaryDirectory((clear) => onTestFinished(clear))
  const system = await startAndWait({ FRESHET_DATA: data, PORTFOLIO_SYMBOLS: 'KO' }, undefined, {
    only: ['technical', 'fundamental', 'position-scores'],
  })
  const { follow, followUntil } = await follower(system)
  await system.waitForLine(/ {2}technical {2}succeeded/)
  const all = await walkthrough('docs/portfolio.md')
  const [shown, put, refreshed, record, history, submitted, fundamentals, ...others] = all
  const [scores, listed, assessment, erased] = others
  if (!shown || !put || !refreshed || !record || !history || !submitted || !fundamentals)
    throw new Error('expected seven commands')
  if (!scores || !listed || !assessment || !erased || others.length > 4)
    throw new Error('expected four more commands')

  expect(await follow(shown)).toMatchObject({ status: 200, json: { source: 'PORTFOLIO_SYMBOLS' } })
  expect(await follow({ ...put, isOperator: false })).toMatchObject({ status: 401 })
  expect(await follow(put)).toMatchObject({
    status: 200,
    json: {
      positions: [
        { symbol: 'AAPL', quantity: '10' },
        { symbol: 'IBM', quantity: null },
      ],
      budgets: expect.arrayContaining([
        expect.objectContaining({
          upstream: 'alpha-vantage',
          calls_needed_per_day: 4,
          days_for_all_symbols: 1,
        }),
      ]),
    },
  })
  expect(await follow(refreshed)).toMatchObject({ status: 202, json: { success: true } })
  const served = await followUntil(record)
  expect(served.headers['x-data-source']).toBe('simulated')
  expect(schema.safeParse(served.json).error).toBeUndefined()
  const withHistory = await follow(history)
  expect(schema.safeParse(withHistory.json).error).toBeUndefined()
  expect(withHistory.json.data.history).toEqual([served.json.data])
  expect(await follow(submitted)).toMatchObject({ status: 202, json: { success: true } })
  const company = await followUntil(fundamentals)
  expect(fundamentalSchema.safeParse(company.json).error).toBeUndefined()
  expect(company.json.data).toMatchObject({ symbol: 'IBM', history: [{ symbol: 'IBM' }] })
  const scored = await followUntil(scores, { accepts: ({ data }) => data.inputs.fundamental !== null })
  expect(scoreSchemas['/api/v1/positions/{symbol}/scores'].safeParse(scored.json).error).toBeUndefined()
  expect(scored.headers['x-data-source']).toBe('simulated')
  const list = await follow(listed)
  expect(scoreSchemas['/api/v1/positions/scores'].safeParse(list.json).error).toBeUndefined()
  expect(list.json.data.map(({ symbol }: { symbol: string }) => symbol)).toContain('IBM')
  expect(await follow({ ...assessment, isOperator: false })).toMatchObject({ status: 401 })
  const assessed = await follow(assessment)
  expect(scoreSchemas['/api/v1/positions/assessment'].safeParse(assessed.json).error).toBeUndefined()
  expect(assessed.json.data.positions).toMatchObject([
    { symbol: 'AAPL', quantity: '10' },
    { symbol: 'IBM', overall_score: scored.json.data.overall_score },
  ])
  expect(await follow(erased)).toMatchObject({
    status: 200,
    json: { source: 'PORTFOLIO_SYMBOLS', positions: [{ symbol: 'KO' }] },
  })
})
