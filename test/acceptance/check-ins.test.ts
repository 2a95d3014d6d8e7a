import { expect, onTestFinished, test, vi } from 'vitest'
import { schemas as dailySchemas } from '#functions/jobs/check-in-daily-stats/schema.ts'
import { schemas as leaderboardSchemas } from '#functions/jobs/check-in-leaderboards/schema.ts'
import { schemas as projectSchemas } from '#functions/jobs/check-in-projects/schema.ts'
import { schemas as statsSchemas } from '#functions/jobs/check-in-stats/schema.ts'
import { schemas as topicSchemas } from '#functions/jobs/check-in-topics/schema.ts'
import { CHECK_IN_JOBS } from '#test/fakes/jobs/check-ins.ts'
import { follower, walkthrough } from '#test/support/docs/walkthrough.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

/** The first data of all jobs for two projects take 15 calls, as far apart as the smallest legal setting has it. */
const FIRST_DATA_MS = 240_000

/** Operators repeat what another run prevents. */
const OPERATOR_MS = 90_000

const SCHEMAS: readonly (readonly [
  path: RegExp,
  schema: { safeParse(body: unknown): { error?: unknown } },
])[] = [
  [/\/leaderboard/, leaderboardSchemas['/api/projects/{id}/leaderboard']],
  [/\/daily-stats/, dailySchemas['/api/projects/{id}/daily-stats']],
  [/\/stats/, statsSchemas['/api/projects/{id}/stats']],
  [/\/topics/, topicSchemas['/api/projects/{id}/topics']],
  [/\/health/, projectSchemas['/api/health']],
  [/\/ping/, projectSchemas['/api/ping']],
  [/\/projects\/\d+$/, projectSchemas['/api/projects/{id}']],
  [/\/projects/, projectSchemas['/api/projects']],
]

function expectDocumented(target: string, json: unknown): void {
  const [, schema] = SCHEMAS.find(([path]) => path.test(target)) ?? []
  expect([target, schema?.safeParse(json).error]).toEqual([target, undefined])
}

test(
  'the walkthrough of docs/check-ins.md works line by line',
  async () => {
    const data = await temporaryDirectory((clear) => onTestFinished(clear))
    const settings = { FRESHET_DATA: data, CHECKINS_MAX_PROJECTS: '2', CHECKINS_MIN_SPACING_MS: '1000' }
    const system = await startAndWait(settings, undefined, { only: CHECK_IN_JOBS })
    const { follow, followUntil } = await follower(system)
    const commands = await walkthrough('docs/check-ins.md')
    const reads = commands.filter(({ isOperator }) => !isOperator)
    const [live, stats, clear, purge, ...others] = commands.filter(({ isOperator }) => isOperator)
    if (!live || !stats || !clear || !purge || others.length > 0)
      throw new Error('expected a live read, the figures of the cache, a DELETE and a purge')
    expect(reads).toHaveLength(11)
    await vi.waitFor(
      async () => {
        const { body } = await system.reader.get('/health')
        const states = body.jobs.filter(({ job }) => CHECK_IN_JOBS.some((id) => id === job))
        expect(states.map(({ status }) => status)).toEqual(CHECK_IN_JOBS.map(() => 'fresh'))
      },
      { timeout: FIRST_DATA_MS, interval: 1_000 },
    )

    for (const read of reads) {
      const { headers, json } = await followUntil(read)
      expectDocumented(read.target, json)
      if (read.target.includes('/projects')) expect(headers['x-data-source']).toBe('simulated')
      if (read.target.includes('/leaderboard')) expect(json.data.user_rank).toBeNull()
      if (read.target.includes('ids=')) expect(json.meta.missing).toEqual(['999'])
    }

    expect(await follow({ ...live, isOperator: false })).toMatchObject({ status: 401 })
    // 503 while a run of another job is calling, then 429 within a minute
    const board = await followUntil(live, { timeoutMs: OPERATOR_MS })
    expectDocumented(live.target, board.json)
    expect(board.headers['x-cache']).toBe('BYPASS')
    expect(board.json.data.user_rank).toEqual({ rank: expect.any(Number), days: expect.any(Number) })
    expect(await follow(live)).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } })
    const [path = ''] = live.target.replace('/v1/live', '').split('?')
    const refused = await follow({ ...live, isOperator: false, target: `${path}?source=live` })
    expect(refused).toMatchObject({ status: 403, json: { code: 403, data: null } })

    expect(await follow({ ...stats, isOperator: false })).toMatchObject({ status: 401 })
    const figures = await followUntil(stats)
    expect(figures.json.data).toMatchObject({ enabled: true, refresh_success_ratio: expect.any(Number) })
    expect(figures.json.data.keys).toBeGreaterThanOrEqual(12)
    expect(figures.json.data.hit_ratio ?? figures.json.data.hit_ratio_reason).not.toBeNull()

    expect(await follow({ ...clear, isOperator: false })).toMatchObject({ status: 401 })
    const cleared = await followUntil(clear)
    expect(cleared.json).toMatchObject({ code: 0, data: { invalidated: expect.any(Number) } })
    // its detail, both statistics, two leaderboards and topics; at midnight those of two days
    expect([6, 7]).toContain(cleared.json.data.invalidated)

    // 409 while a run of the job is in progress
    const { json: deleted } = await followUntil(purge, { timeoutMs: OPERATOR_MS })
    expect(deleted).toMatchObject({ job: 'check-in-topics', purged: { items: expect.any(Number) } })
    expect(deleted.purged.items).toBeGreaterThanOrEqual(2)
  },
  FIRST_DATA_MS + 3 * OPERATOR_MS,
)
