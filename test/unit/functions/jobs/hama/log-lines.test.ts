import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { job } from '#functions/jobs/hama/job.ts'
import { watchJob } from '#functions/watchdog/watch.ts'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { submit } from '#shared/engine/task/submit.ts'
import {
  type HamaWorld,
  hamaOperator,
  hamaReader,
  hamaWorld,
  klinesOf,
  simulatedReply,
  TICK,
} from '#test/fakes/jobs/hama.ts'
import { submitPorts, taskMachines } from '#test/fakes/world/task-machine.ts'
import type { Reply } from '#test/fakes/world/world.ts'
import { flatSeries, seriesG } from '#test/unit/shared/analysis/series-g.ts'

const MINUTE = 60_000
const symbolOf = ({ url }: HttpRequest) => url.searchParams.get('symbol') ?? ''

/** All lines but those of the universe. */
const linesOf = (base: HamaWorld) => base.lines.filter((line) => line['job'] === 'hama')

/** Answers in place of the stand-in where `instead` has one. */
function answering(base: HamaWorld, instead: (symbol: string) => Reply | undefined): void {
  base.script((request) => instead(symbolOf(request)) ?? simulatedReply(request, base.clock.now()))
}

describe('the line that ends a run', () => {
  it('is the documented sentence, with its figures as fields', async () => {
    const base = await hamaWorld()
    base.script(async (request) => {
      await base.clock.sleep(100)
      const reply = simulatedReply(request, base.clock.now())
      if (symbolOf(request) === 'ETHUSDT') return { status: 404, body: 'no' }
      return { ...reply, headers: { 'x-mbx-used-weight-1m': '158' } }
    })

    const run = await base.tick(TICK)

    const seconds = (((run.endedAt ?? 0) - run.startedAt) / 1_000).toFixed(2)
    const [line] = linesOf(base)
    expect(run.status).toBe('partial')
    expect(line).toMatchObject({
      level: 'INFO',
      message: `HAMA refresh completed: 77 succeeded, 1 failed in ${seconds}s`,
      outcome: 'partial',
      symbols_total: 78,
      symbols_success: 77,
      symbols_failed: 1,
      signal_changes: 0,
      upstream_weight: 158,
      duration_ms: (run.endedAt ?? 0) - run.startedAt,
    })
  })

  it('counts the symbols whose recommendation is another one than was stored', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '3' })
    const flat = klinesOf(flatSeries(100, 600))
    const falling = klinesOf(seriesG(600))
    let bars = flat
    answering(base, () => ({ status: 200, body: bars }))
    const changes = []
    for (const next of [flat, falling, falling, flat]) {
      bars = next
      base.clock.advance(5 * MINUTE)
      await base.run({ cause: 'operator' })
      changes.push(linesOf(base).at(-1)?.['signal_changes'])
    }

    // what is stored first has not changed
    expect(changes).toEqual([0, 3, 0, 3])
  })

  it('of a preload, cut into chunks, adds them up', async () => {
    const base = await hamaWorld()
    const work = { ...base.work, job: { ...base.work.job, run: { ...base.work.job.run, chunk: 2 } } }
    const machines = taskMachines(work)
    const symbols = ['BTCUSDT', 'ETHUSDT', 'NOPE', '示例USDT', 'SOLUSDT']
    const submission = { job: work.job, cause: 'operator', params: { symbols } } as const
    const submitted = await submit(submission, submitPorts(work, base.store, machines))
    await machines.run('run' in submitted ? submitted.run.id : '')

    const ended = linesOf(base).filter(({ outcome }) => outcome !== undefined)

    expect(ended.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^HAMA refresh completed: \d succeeded, \d failed in \d+\.\d\ds$/),
    ])
    expect(ended[0]).toMatchObject({ symbols_total: 5 })
  })

  it('of a run for one symbol says nothing of a refresh', async () => {
    const base = await hamaWorld()

    await base.run({ cause: 'cold-read', key: 'ETHUSDT' })

    expect(linesOf(base).map(({ message }) => message)).toEqual(['HAMA analyses: succeeded'])
  })

  it('is logged although the figures of a value cannot be computed', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '2' })
    await base.tick(TICK)
    const totals = vi.spyOn(base.work.refresh, 'totals').mockImplementation(() => {
      throw new TypeError('expected a record, got none')
    })
    onTestFinished(() => totals.mockRestore())

    const run = await base.tick(TICK + 5 * MINUTE)

    expect(run).toMatchObject({ status: 'succeeded', counts: { published: 2 } })
    expect(
      linesOf(base)
        .filter(({ level }) => level === 'WARN')
        .map(({ message }) => message),
    ).toEqual(['The totals of a value cannot be computed', 'The totals of a value cannot be computed'])
  })
})

describe('a symbol that fails', () => {
  it('is warned of with its class', async () => {
    const base = await hamaWorld()
    answering(base, (symbol) => (symbol === 'ETHUSDT' ? { status: 404, body: 'no' } : undefined))

    const run = await base.tick(TICK)

    expect(linesOf(base).filter(({ level }) => level === 'WARN')).toEqual([
      expect.objectContaining({
        message: 'HAMA analyses: ETHUSDT failed (not-found)',
        key: 'ETHUSDT',
        reason: 'not-found',
        run_id: run.id,
      }),
    ])
  })

  it('is one of many in one line, where more than ten fail alike', async () => {
    const base = await hamaWorld()
    let failed = 0
    answering(base, (symbol) => {
      if (symbol === 'ETHUSDT') return { status: 200, body: {} }
      failed += 1
      return failed <= 11 ? { status: 404, body: 'no' } : undefined
    })

    await base.tick(TICK)

    const warnings = linesOf(base).filter(({ level }) => level === 'WARN')
    expect(warnings.map(({ message }) => message).toSorted()).toEqual([
      'HAMA analyses: 11 keys failed (not-found)',
      'HAMA analyses: ETHUSDT failed (malformed)',
    ])
  })

  it('as all others do makes no line beside the one that ends the run (F12)', async () => {
    const base = await hamaWorld()
    base.script(() => ({ status: 500, body: 'no' }))

    await base.tick(TICK)

    expect(linesOf(base).map(({ level, message }) => [level, message])).toEqual([
      ['ERROR', expect.stringMatching(/^HAMA analyses: failed after \d+ attempts \(upstream-fault\)$/)],
    ])
    expect(linesOf(base)[0]).toMatchObject({ symbols_total: 78, symbols_failed: 78 })
  })
})

describe('what operators and readers cause', () => {
  it('a start and a stop of the schedule are logged once, with the operator', async () => {
    const base = await hamaWorld()
    const { start, stop } = hamaOperator(base)
    await stop({})
    await stop({})
    await start({ symbols: ['BTCUSDT'], interval_minutes: 15 })
    await start({ symbols: ['BTCUSDT'], interval_minutes: 15 })

    const changes = linesOf(base).filter(({ message }) => message.startsWith('Schedule'))

    const fields = { level: 'INFO', job: 'hama', actor: 'operator' }
    expect(changes).toEqual([
      { ...fields, action: 'stop', message: 'Schedule stopped' },
      { ...fields, action: 'start', message: 'Schedule started: every 15 minutes, 1 selected symbol' },
    ])
  })

  it('readers who are served from memory are warned of once a minute, with how often', async () => {
    const base = await hamaWorld()
    await base.tick(TICK)
    const { post } = hamaReader(base)
    await post('/analyze-symbol', { symbol: 'BTCUSDT' })
    base.store.items.get = () => Promise.reject(new Error('the table is down'))
    const statuses = []
    for (let second = 0; second < 130; second += 10) {
      base.clock.advance(10_000)
      statuses.push((await post('/analyze-symbol', { symbol: 'BTCUSDT' })).status)
    }

    const logged = base.lines.filter(({ message }) => message === 'Table unavailable, serving from memory')

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(logged.map(({ level, copies }) => [level, copies])).toEqual([
      ['WARN', 1],
      ['WARN', 6],
      ['WARN', 6],
    ])
    expect(String(logged[0]?.['error'])).toContain('the table is down')
  })
})

describe('the alarms of the job', () => {
  const specs = alarmsOf('test', [resolveJob(job, {})])
  const thresholdOf = (name: string) => specs.find((one) => one.name === name)?.threshold

  it('ring when an analysis is half an hour old, and when three runs in a row have failed', () => {
    expect(thresholdOf('test-hama-overdue')).toBe(1_800 - 600)
    expect(thresholdOf('test-hama-failing')).toBe(3)
  })

  it('leave five minutes at least to a longer freshness', () => {
    const longer = resolveJob(job, { HAMA_CACHE_TTL: '3780', HAMA_SCHEDULER_INTERVAL: '60' })

    expect(longer.overdueAfterMs).toBe(5 * MINUTE)
  })

  it('tell when both addresses are left alone, and not when one is', async () => {
    const base = await hamaWorld({ HAMA_UNIVERSE_SIZE: '5' })
    const both = new Set(['data-api.binance.vision', 'api.binance.com'])
    const refusing = new Set<string>()
    base.script((request) =>
      refusing.has(request.url.hostname)
        ? { status: 403, body: 'no' }
        : simulatedReply(request, base.clock.now()),
    )
    const conditionsAfter = async (hosts: Iterable<string>) => {
      for (const host of hosts) refusing.add(host)
      let states: readonly string[] = []
      for (let minute = 0; minute < 12; minute += 1) {
        if (minute % 5 === 0) await base.run({ cause: 'tick', tick: base.clock.now() })
        base.clock.advance(MINUTE)
        states = (await watchJob(base.work.job, base.work.ports))?.conditions ?? []
      }
      return states
    }

    expect(await conditionsAfter(['data-api.binance.vision'])).not.toContain('upstream-cooling')
    expect(await conditionsAfter(both)).toContain('upstream-cooling')
  })
})
