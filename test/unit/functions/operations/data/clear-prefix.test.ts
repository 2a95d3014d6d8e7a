import { describe, expect, it } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { freshness } from '#shared/domain/freshness.ts'
import { CLEAR_PROJECT, projectKey, projectsJob, projectsWorld } from '#test/fakes/jobs/keyed-projects.ts'
import { operator } from '#test/fakes/world/clients.ts'

const IDS = ['1', '12', '123', '212']

/** Operators of two jobs that store data of the same projects, in one table. */
async function published() {
  const info = projectsWorld('info', IDS, { change: { aliases: [CLEAR_PROJECT] } })
  const topics = projectsWorld('topics', IDS, { store: info.store })
  await info.run({ cause: 'operator' })
  await topics.run({ cause: 'operator' })
  info.clock.advance(60_000)
  const stale = async () => {
    const keys = ['info', 'topics'].flatMap((kind) => IDS.map((id) => [kind, projectKey(id, kind)] as const))
    const items = await Promise.all(keys.map(([kind, key]) => info.store.items.get(`project-${kind}`, key)))
    return items.flatMap((item) => (item && freshness(item, info.clock.now()) === 'stale' ? [item.key] : []))
  }
  const { ask, audits } = operator(info, {}, [resolveJob(projectsJob('topics'), {})])
  return { clear: (id: string) => ask('DELETE', `/test/projects/${id}/cache`), audits, stale }
}

describe('the documented path that clears what belongs to an id', () => {
  it('marks all of its keys in every job as stale, in the envelope of its job', async () => {
    const { clear, stale } = await published()

    const answer = await clear('12')

    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ code: 0, message: 'success', data: { invalidated: 2 } })
    expect(await stale()).toEqual(['hub:project:12:info', 'hub:project:12:topics'])
  })

  it('marks nothing of another id that begins or ends with it', async () => {
    const { clear, stale } = await published()

    expect((await clear('2')).body.data).toEqual({ invalidated: 0 })
    expect(await stale()).toEqual([])
  })

  it('has an audit entry for each job', async () => {
    const { clear, audits } = await published()
    await clear('12')

    expect(audits()).toEqual([
      { action: 'invalidate', actor: 'operator', subject: 'job:project-info' },
      { action: 'invalidate', actor: 'operator', subject: 'job:project-topics' },
    ])
  })

  it.each(['abc', '1'.repeat(21), '1:'])('rejects the id %j, and marks nothing', async (id) => {
    const { clear, audits } = await published()

    const { status, body } = await clear(id)

    expect([status, body]).toEqual([400, { code: 400, message: 'invalid id', data: null }])
    expect(audits()).toEqual([])
  })
})
