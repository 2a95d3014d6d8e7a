import { describe, expect, test, vi } from 'vitest'
import { LocalConsole } from '#infra/local/console/console.ts'
import { powertoolsLog } from '#shared/adapters/powertools-log.ts'
import { globalBody, globalMarketWorld, TICK } from '#test/fakes/jobs/global-market.ts'
import { pricesWorld } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import { fixedResponse } from '#test/support/process/scripted-upstream.ts'
import { onTheWire, priced } from './wire-world.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const MINUTE = 60_000
const KEY = 'CG-canary-4711'
const KEYED = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/k' }

const json = (body: unknown) => fixedResponse(200, 'application/json', JSON.stringify(body))
const html = (body: string) => fixedResponse(200, 'text/html', body)

/** A job with a stored value, whose upstream then answers with this; what was stored before and after. */
async function answered(text: string, type = 'application/json') {
  const world = await onTheWire(globalMarketWorld(KEYED, { secrets: { '/k': KEY } }))
  world.upstream.respondWith(json(globalBody()))
  await world.tick(TICK)
  const before = await world.store.items.get('global-market', 'global')
  world.upstream.respondWith(fixedResponse(200, type, text))

  const run = await world.tick(TICK + 10 * MINUTE)

  const after = await world.store.items.get('global-market', 'global')
  const rejected = await world.store.rejected.get('global-market', 'global')
  return { world, run, before, after, rejected }
}

describe('an unexpected body', () => {
  test('an HTML page with status 200 costs one call and changes no byte; it is stored as rejected, redacted and truncated (F3)', async () => {
    const page = `<html>\n<p>Your key ${KEY} was seen ${encodeURIComponent(KEY)}</p>${'x'.repeat(100_000)}`

    const { world, run, before, after, rejected } = await answered(page, 'text/html')

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed', attempts: 1 })
    expect(world.upstream.calls).toHaveLength(2)
    expect(after).toEqual(before)
    expect(rejected).toMatchObject({ runId: run.id, reason: 'malformed' })
    expect(rejected?.body).toMatch(/^<html>\n<p>Your key \[redacted\] was seen \[redacted\]<\/p>x+$/)
    expect(rejected?.body.length).toBe(8_192)
    expect(world.output()).not.toContain('canary')
    expect((await world.store.states.get('global-market')).consecutiveFailures).toBe(1)
    expect(world.lines.at(-1)).toMatchObject({ level: 'ERROR', outcome: 'failed', reason: 'malformed' })
  })

  test('JSON that ends too early costs one call and changes no byte (F7)', async () => {
    const { world, run, before, after, rejected } = await answered(JSON.stringify(globalBody()).slice(0, -20))

    expect(run).toMatchObject({ status: 'failed', reason: 'malformed', attempts: 1 })
    expect(world.upstream.calls).toHaveLength(2)
    expect(after).toEqual(before)
    expect(rejected?.reason).toBe('malformed')
  })

  test.each([
    ['{"symbol":"AAA","price":11,"at":AT,"currency":"USD"}', 'succeeded', undefined],
    ['{"symbol":"AAA","at":AT}', 'failed', 'malformed'],
    ['{"symbol":"AAA","price":"11","at":AT}', 'failed', 'malformed'],
    ['{"symbol":"AAA","price":null,"at":AT}', 'failed', 'malformed'],
  ])('a schema that drifts to %s: %s (F13)', async (body, status, reason) => {
    const world = await onTheWire(pricesWorld('items', ['AAA'], T0))
    world.upstream.respondWith(priced(T0))
    await world.tick(T0)
    const before = await world.store.items.get('prices-items', 'AAA')
    world.upstream.respondWith(fixedResponse(200, 'application/json', body.replace('AT', String(T0 + 1))))

    const run = await world.tick(T0 + 5 * MINUTE)

    const after = await world.store.items.get('prices-items', 'AAA')
    expect(run.status).toBe(status)
    expect(run.reason).toBe(reason)
    expect(after?.etag === before?.etag).toBe(status === 'failed')
  })

  test.each([
    ['0', 'rejected'],
    ['-1', 'rejected'],
    ['1e308', 'rejected'],
    ['1e999', 'malformed'],
    ['NaN', 'malformed'],
  ])('an amount of %s is never published: %s (F14)', async (amount, reason) => {
    const text = JSON.stringify(globalBody()).replace('3840000000000', amount)

    const { run, before, after, rejected } = await answered(text)

    expect(run).toMatchObject({ status: 'failed', reason, attempts: 1 })
    expect(after).toEqual(before)
    expect(rejected?.reason).toBe(reason)
  })
})

describe('a body that would steer a terminal', () => {
  const evil = 'first\r\nforged\u001b[2J\u001b[31mred\u0007'

  /** What the real log writes of a failed run, and what the console shows of that. */
  async function linesOf<V>(base: World<V>, at: number, body: ReturnType<typeof fixedResponse>) {
    const written: string[] = []
    const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'))
    for (const stream of streams) stream.mockImplementation((text) => written.push(String(text)) > 0)
    const ports = { ...base.work.ports, log: powertoolsLog(base.work.job.id) }
    const world = await onTheWire({ ...base, work: { ...base.work, ports } })
    world.upstream.respondWith(body)

    const run = await world.tick(at)

    for (const stream of streams) stream.mockRestore()
    const shown: string[] = []
    const console = new LocalConsole({ print: (line) => shown.push(line), writeLog: () => {}, now: () => at })
    const failures = written.filter((line) => line.includes('"ERROR"'))
    for (const line of failures) console.functionLine(base.work.job.id, line.trimEnd())
    return { run, written: failures, shown }
  }

  const cases = [
    ['as an HTML page', () => linesOf(globalMarketWorld(), TICK, html(evil)), 'malformed'],
    [
      'as a rejected value',
      () => linesOf(pricesWorld('items', ['AAA'], T0), T0, json({ symbol: evil, price: 1, at: T0 })),
      'rejected',
    ],
  ] as const
  test.each(cases)(
    '%s is one line in the log and on the console, escaped (F49)',
    async (_, lines, reason) => {
      const { run, written, shown } = await lines()

      expect(run).toMatchObject({ status: 'failed', reason })
      expect(written).toHaveLength(1)
      expect(shown).toHaveLength(1)
      for (const line of [...written, ...shown]) {
        expect(line.trimEnd()).not.toMatch(/\p{Cc}/u)
        expect(line).toContain('forged')
      }
    },
  )
})
