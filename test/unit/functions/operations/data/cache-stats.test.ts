import { describe, expect, it } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import type { Metrics } from '#shared/domain/ports/metrics.ts'
import { CACHE_STATS, projectKey, projectsJob, projectsWorld } from '#test/fakes/jobs/keyed-projects.ts'
import { operator } from '#test/fakes/world/clients.ts'

const MINUTE = 60_000
const IDS = ['1', '12']

/** Operators of two jobs, of which one has stored two projects and the other none. */
async function published({ reads = 0, hits = 0, change = {} } = {}) {
  const info = projectsWorld('info', IDS, { change: { aliases: [CACHE_STATS], ...change } })
  await info.run({ cause: 'operator' })
  const ranges: object[] = []
  const metrics: Metrics = {
    sums: async (_names, range) => {
      ranges.push(range)
      return { Reads: reads, Hits: hits } as never
    },
  }
  const topics = resolveJob(projectsJob('topics', change), {})
  const operators = (ports: object = {}) => operator(info, { metrics, ...ports }, [topics])
  const stats = async (ports: object = {}) => (await operators(ports).get('/test/cache/stats')).body
  return { info, stats, ranges, get: operators().get }
}

describe('the documented figures of what is stored', () => {
  it('count the stored values of each job and their bytes, in the envelope of the job that declares the path', async () => {
    const { info, stats } = await published()
    const bodies = await Promise.all(
      IDS.map(async (id) => (await info.store.items.get('project-info', projectKey(id, 'info')))?.body),
    )
    const bytes = bodies.reduce((sum, body) => sum + (body?.byteLength ?? 0), 0)

    expect(await stats()).toMatchObject({
      code: 0,
      message: 'success',
      data: {
        enabled: true,
        keys: 2,
        items: { 'project-info': { count: 2, bytes }, 'project-topics': { count: 0, bytes: 0 } },
        window_minutes: 60,
      },
    })
    expect(bytes).toBeGreaterThan(50)
  })

  it('do not count values that have expired', async () => {
    const { info, stats } = await published()
    info.clock.advance(4 * 24 * 60 * MINUTE)

    expect((await stats()).data).toMatchObject({ keys: 0, items: { 'project-info': { count: 0, bytes: 0 } } })
  })

  it('count the keys of a job with too many of them, and say that their bytes are not known', async () => {
    const { info, stats } = await published()
    const keys = Array.from({ length: 1_001 }, (_, index) => projectKey(String(index), 'topics'))
    await info.store.keys.add('project-topics', keys, 1)

    expect((await stats()).data).toMatchObject({
      keys: 1_003,
      items: { 'project-topics': { count: 1_001, bytes: null } },
    })
  })

  it('say that the jobs are off when all of them are', async () => {
    const { stats } = await published({ change: { off: () => 'there is no token' } })

    expect((await stats()).data.enabled).toBe(false)
  })

  it('have the share of hits of the last hour, over all datasets', async () => {
    const { info, stats, ranges } = await published({ reads: 300, hits: 289 })

    expect((await stats()).data).toMatchObject({
      hit_ratio: 0.9633,
      hit_ratio_scope: 'all datasets',
      hit_ratio_reason: null,
    })
    expect(ranges).toEqual([{ from: info.clock.now() - 60 * MINUTE, to: info.clock.now() }])
  })

  it('have no share of hits without reads, and none while the metrics cannot be read', async () => {
    const { info, stats } = await published()
    const metrics = { sums: () => Promise.reject(new Error('CloudWatch: expected status 200, got 503')) }

    const withoutReads = await stats()
    const withoutMetrics = await stats({ metrics })

    expect(withoutReads.data).toMatchObject({
      hit_ratio: null,
      hit_ratio_reason: 'no reads were counted in this time',
    })
    expect(withoutMetrics.data).toMatchObject({
      keys: 2,
      hit_ratio: null,
      hit_ratio_reason: 'the metrics cannot be read',
    })
    expect(info.lines).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'The metrics of reads cannot be read' }),
    )
  })

  it('have the share of runs of the last hour that succeeded', async () => {
    const { info, stats } = await published()
    info.script(() => ({ status: 500, body: 'no' }))
    await info.run({ cause: 'operator' })

    expect((await stats()).data).toMatchObject({ refresh_success_ratio: 0.5, refresh_success_reason: null })
  })

  it('have no share of runs when none has ended', async () => {
    const { info, stats } = await published()
    info.clock.advance(3 * 60 * MINUTE)

    expect((await stats()).data).toMatchObject({
      refresh_success_ratio: null,
      refresh_success_reason: 'no run has ended in this time',
    })
  })

  it('take no parameter', async () => {
    const { get } = await published()

    expect(await get('/test/cache/stats?job=x')).toMatchObject({
      status: 400,
      body: { code: 400, data: null },
    })
  })
})
