import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { schemas as fundamentalSchemas } from '#functions/jobs/fundamental/schema.ts'
import { schemas as scoreSchemas } from '#functions/jobs/position-scores/schema.ts'
import { schemas } from '#functions/jobs/technical/schema.ts'
import { type LocalProcess, startAndWait } from '#test/support/process/local-process.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const schema = schemas['/api/v1/positions/{symbol}/technical']
const fundamentalSchema = fundamentalSchemas['/api/v1/positions/{symbol}/fundamental']
const COMMANDS = /^curl (?:[^\\\n]|\\\n)*/gm

interface Command {
  readonly method: string
  readonly target: string
  readonly isOperator: boolean
  readonly body: string | undefined
}

/** The requests of the walkthrough, in order. */
async function commands(): Promise<readonly Command[]> {
  const text = await readFile('docs/portfolio.md', 'utf8')
  return [...text.matchAll(COMMANDS)].map(([command]) => ({
    method: /-X (\w+)/.exec(command)?.[1] ?? 'GET',
    target: /"\$P([^"]*)"/.exec(command)?.[1] ?? '',
    isOperator: command.includes('Authorization: Bearer $T'),
    body: /-d '([^']*)'/.exec(command)?.[1],
  }))
}

describe('the walkthrough of docs/portfolio.md', () => {
  const clears: (() => Promise<void>)[] = []
  const atEnd: OnCleanup = (clear) => clears.unshift(clear)
  let system: LocalProcess
  let authorization: string

  beforeAll(async () => {
    system = await startAndWait(
      { FRESHET_DATA: await temporaryDirectory(atEnd), PORTFOLIO_SYMBOLS: 'KO' },
      atEnd,
    )
    authorization = `Bearer ${(await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')}`
    await system.waitForLine(/ {2}technical {2}succeeded/)
  })
  afterAll(async () => {
    for (const clear of clears) await clear()
  })

  async function follow({ method, target, isOperator, body }: Command) {
    const sent = {
      method,
      headers: isOperator ? { authorization } : {},
      ...(body === undefined ? {} : { body }),
    }
    const answer = await system.request(`/api/v1${target}`, sent)
    return { status: answer.status, headers: answer.headers, json: JSON.parse(answer.body.toString()) }
  }

  function followUntilServed(command: Command) {
    return vi.waitFor(
      async () => {
        const answer = await follow(command)
        expect(answer.status).toBe(200)
        return answer
      },
      { timeout: 20_000, interval: 500 },
    )
  }

  test('works line by line', async () => {
    const all = await commands()
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
        budgets: [{ upstream: 'alpha-vantage', calls_needed_per_day: 4, days_for_all_symbols: 1 }],
      },
    })
    expect(await follow(refreshed)).toMatchObject({ status: 202, json: { success: true } })
    const served = await followUntilServed(record)
    expect(served.headers['x-data-source']).toBe('simulated')
    expect(schema.safeParse(served.json).error).toBeUndefined()
    const withHistory = await follow(history)
    expect(schema.safeParse(withHistory.json).error).toBeUndefined()
    expect(withHistory.json.data.history).toEqual([served.json.data])
    expect(await follow(submitted)).toMatchObject({ status: 202, json: { success: true } })
    const company = await followUntilServed(fundamentals)
    expect(fundamentalSchema.safeParse(company.json).error).toBeUndefined()
    expect(company.json.data).toMatchObject({ symbol: 'IBM', history: [{ symbol: 'IBM' }] })
    const scored = await vi.waitFor(
      async () => {
        const answer = await followUntilServed(scores)
        expect(answer.json.data.inputs.fundamental).not.toBeNull()
        return answer
      },
      { timeout: 20_000, interval: 500 },
    )
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
})
