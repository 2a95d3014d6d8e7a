import { describe, expect, it } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { cron, every } from '#shared/declare/schedule.ts'
import type { JobState } from '#shared/domain/records/job-state.ts'
import { overview } from '#shared/read/overview/overview.ts'
import { pricesJob } from '#test/fakes/jobs/prices.ts'

const NOW = Date.UTC(2026, 10, 20, 12, 7, 0)
const HOUR = 3_600_000
const DAY = 24 * HOUR

const job = resolveJob(pricesJob('items'), {})

function datasetOf(state: JobState | undefined, change: Partial<typeof job> = {}, simulated: string[] = []) {
  const changed = { ...job, ...change }
  const states = new Map(state ? [[changed.id, state]] : [])
  const [dataset] = overview({ version: '1', jobs: [changed], states, simulated }, NOW).datasets
  if (!dataset) throw new Error('expected a dataset')
  return dataset
}

const published: JobState = {
  fence: 1,
  consecutiveFailures: 0,
  lastSuccessAt: NOW - 60_000,
  freshUntil: NOW + 9 * 60_000,
  lastRun: { id: 'prices-items-20261120T120600Z', status: 'succeeded', endedAt: NOW - 60_000 },
}

describe('the overview of a dataset', () => {
  it('has its state, limits of age and last run, and why it is as old as it is', () => {
    expect(datasetOf(published)).toMatchObject({
      job: 'prices-items',
      state: 'fresh',
      fresh_until: '2026-11-20T12:16:00Z',
      fresh_for_seconds: 600,
      serve_stale_for_seconds: 21_600,
      last_run: { outcome: 'succeeded', reason: null, ended_at: '2026-11-20T12:06:00Z' },
      cause: { code: 'fresh' },
      next: { code: 'tick', at: '2026-11-20T12:11:00Z' },
      data_source: 'live',
    })
  })

  it('of a job that has never run says so', () => {
    expect(datasetOf(undefined)).toMatchObject({
      state: 'pending',
      last_run: null,
      cause: { code: 'never-ran' },
    })
  })

  it('does not change with the second, so that a copy stays current between two events', () => {
    const at = (now: number) =>
      overview({ version: '1', jobs: [job], states: new Map([[job.id, published]]), simulated: [] }, now)

    expect(at(NOW + 1_000)).toEqual(at(NOW))
  })

  it('names the end of a pause, and no actor and no reason in free text', () => {
    const control = { revision: 3, pausedUntil: NOW + HOUR }

    const { state, cause, next } = datasetOf({ ...published, freshUntil: NOW - 1, control })

    expect([state, cause]).toEqual([
      'paused',
      { code: 'paused', text: 'The job is paused until 2026-11-20T13:07:00Z' },
    ])
    // a tick of before the end can be delivered after it
    expect(next.at).toBe('2026-11-20T13:06:00Z')
  })

  it('of a job that is off names the settings, and not their text', () => {
    const off = { off: 'a private note', computedFrom: { off: ['PRICES_ENABLED'] } }

    expect(datasetOf({ ...published, freshUntil: NOW - 1 }, off).cause).toEqual({
      code: 'off',
      text: 'The job is off, by its settings (PRICES_ENABLED)',
    })
  })

  it('of a skipped run has the kind of obstacle', () => {
    const lastRun = { id: 'x', status: 'skipped', reason: 'upstream-cooling', endedAt: NOW } as const

    expect(datasetOf({ ...published, freshUntil: NOW - 1, lastRun }).cause).toMatchObject({ code: 'skipped' })
  })

  it('counts runs, failed runs and missed ticks by clock hour', () => {
    const newest = Math.floor(NOW / HOUR)
    const state: JobState = {
      ...published,
      statistics: {
        total: { runs: 3, failed: 1, mostlyFailed: 0, durationMs: 1 },
        hours: {
          newest,
          rows: [
            [2, 1, 0, 5],
            [12, 0, 0, 5],
          ],
        },
        durations: [],
      },
      watchState: { checkedUntil: NOW, schedule: 's', hours: { newest: newest - 1, rows: [[3, 1, 0]] } },
    }

    expect(datasetOf(state).hours).toEqual([
      { at: '2026-11-20T12:00:00Z', runs: 2, failed: 1, missed: 0 },
      { at: '2026-11-20T11:00:00Z', runs: 13, failed: 1, missed: 3 },
    ])
  })

  it('has how long it was overdue on each day', () => {
    const days = { newest: Math.floor(NOW / DAY), seconds: [0, 75] }

    expect(datasetOf({ ...published, watchState: { checkedUntil: NOW, schedule: 's', days } }).days).toEqual([
      { date: '2026-11-20', overdue_seconds: 0 },
      { date: '2026-11-19', overdue_seconds: 75 },
    ])
  })
})

describe('the next runs', () => {
  it('are the first one and the interval, where all intervals of the next 24 hours are equal', () => {
    const schedule = every('5 minutes', { offset: '1 minute', zone: 'Asia/Shanghai' })

    expect(datasetOf(published, { schedule }).schedule).toEqual({
      expression: 'cron(1/5 * * * ? *)',
      zone: 'Asia/Shanghai',
      next_runs: ['2026-11-20T12:11:00Z'],
      repeats_every_seconds: 300,
      clock_changes: [],
    })
  })

  it('are listed otherwise, with the change of clocks between them', () => {
    const schedule = cron('0 0/8 * * ? *', 'America/New_York')
    const night = Date.UTC(2026, 10, 1, 3, 0, 0)
    const input = { version: '1', jobs: [{ ...job, schedule }], states: new Map(), simulated: [] }

    expect(overview(input, night).datasets[0]?.schedule).toMatchObject({
      next_runs: ['2026-11-01T04:00:00Z', '2026-11-01T13:00:00Z', '2026-11-01T21:00:00Z'],
      repeats_every_seconds: null,
      clock_changes: [{ at: '2026-11-01T06:00:00Z', shift_minutes: -60 }],
    })
  })
})

describe('the label of data', () => {
  it('is simulated where a provider of the job, or of one of its inputs, is simulated', () => {
    const derived = { ...job, id: 'derived', upstreams: [], inputs: ['prices-items'] }
    const input = { version: '1', jobs: [job, derived], states: new Map(), simulated: ['prices'] }

    expect(overview(input, NOW).datasets.map(({ data_source: source }) => source)).toEqual([
      'simulated',
      'simulated',
    ])
    expect(datasetOf(published, {}, ['other']).data_source).toBe('live')
  })

  it('is simulated for what is made from all that is stored, as soon as a provider is simulated', () => {
    const report = { upstreams: [], inputs: [] }

    expect(datasetOf(published, report, ['other']).data_source).toBe('simulated')
    expect(datasetOf(published, report).data_source).toBe('live')
  })
})
